"""How the files of the pages are stored: each under a name with its hash, which a browser may keep for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Our scripts name each other with the hash too: by plain names each page would ask again for all of them.

    Django's own switch for it takes every script there is, and some of other packages name what they do not bring.
    """

    _, _imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))
    max_post_process_passes = 20  # more than there are steps from a page's script to one that imports nothing
