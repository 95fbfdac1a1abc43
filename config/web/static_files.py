"""Static files have names with a hash, so that browsers may cache them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Adds hashes to the imports in our scripts. Without them each page would request all scripts again.

    Django's own setting for this covers all scripts, and some of other packages import files that they do not ship.
    """

    _, _imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))
    max_post_process_passes = 20  # more than the longest chain of imports
