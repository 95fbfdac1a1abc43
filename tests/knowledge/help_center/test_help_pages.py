"""/help/: visitors can read public articles, and nothing else."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from knowledge.articles import publishing
from knowledge.help_center import addresses, reading, theme
from knowledge.models import Article, ArticleImage, HelpVisit
from knowledge.sync import storing
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]
SECRET = "A lead may approve a goodwill refund of 50 euros."


@pytest.fixture(autouse=True)
def nothing_cached(settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.3
    cache.clear()


@pytest.fixture
def kb(store: MemoryStore, write: Write) -> dict[str, Article]:
    articles = {
        "refunds": write(category="billing"),
        "export": write("Export bookings", EXPORT, category="technical"),
        "internal": write("Refunds for agents", SECRET, audience="internal", category="billing"),
        "draft": write("Refunds next year", "A refund of the future.", approve=False, category="billing"),
        "expired": write(
            "Old refunds", "A refund of the past.", category="billing", expires_at=timezone.now() - timedelta(days=1)
        ),
    }
    articles["german"] = write(
        "Erstattungen",
        "So kommt das Geld zurück.",
        language="de",
        category="billing",
        translation_of=articles["refunds"],
    )
    storing.sync_all()
    return articles


def address(article: Article) -> str:
    assert article.published
    return addresses.article(article.language, article.pk, article.published.title)


def get(client: Client, path: str, status: int = 200, **headers: str) -> Any:
    answer = client.get(path, headers=headers or None)
    assert answer.status_code == status, answer
    return answer


def test_home_redirects_to_the_browsers_language_if_it_has_articles(client: Client, kb: Any) -> None:
    assert get(client, "/help/", 302, accept_language="de-AT,en;q=0.5").headers["Location"] == "/help/de/"
    assert get(client, "/help/", 302, accept_language="sv").headers["Location"] == "/help/en/"
    assert "Accept-Language" in get(client, "/help/", 302).headers["Vary"]


def test_home_lists_topics_with_counts_and_public_articles_only(client: Client, kb: Any) -> None:
    page = get(client, "/help/en/").content.decode()
    assert "Billing and payments" in page and "Fixing problems" in page
    assert address(kb["refunds"]) in page and address(kb["export"]) in page
    for hidden in ("internal", "draft", "expired"):
        assert kb[hidden].title not in page


def test_popular_articles_are_those_that_were_read(client: Client, kb: Any) -> None:
    visit = HelpVisit.objects.create()
    visit.reads.create(article=kb["export"])
    visit.reads.create(article=kb["internal"])
    page = get(client, "/help/en/").content.decode()
    popular = page[page.index('id="popular"') :]
    assert "Export bookings" in popular and "Refunds" not in popular.split("help-stuck")[0]


def test_a_home_without_articles_says_so_and_leads_to_the_contact_form(
    client: Client, store: MemoryStore, db: None
) -> None:
    page = get(client, get(client, "/help/", 302).headers["Location"]).content.decode()
    assert "no articles here yet" in page and reverse("help:to_contact", args=["en"]) in page


def test_an_article_is_readable_by_everybody(client: Client, kb: Any) -> None:
    page = get(client, address(kb["refunds"])).content.decode()
    assert "<h1>Refunds</h1>" in page and 'id="s-how-long-it-takes"' in page
    assert "<title>Refunds · Tallybird Support</title>" in page
    assert '<meta name="description" content="Refunds go to the card or the account you paid with; we ' in page
    assert f'<link rel="canonical" href="http://testserver{address(kb["refunds"])}">' in page
    assert 'property="og:title" content="Refunds"' in page
    assert f'hreflang="de" href="http://testserver{address(kb["german"])}"' in page
    assert f'href="{address(kb["german"])}" lang="de"' in page
    assert reverse("help:category", args=["en", "billing"]) in page


def test_the_texts_are_in_the_language_of_the_page(client: Client, kb: Any) -> None:
    page = get(client, address(kb["german"])).content.decode()
    assert '<html lang="de"' in page and "War dieser Artikel hilfreich?" in page and "Erstattungen" in page


@pytest.mark.parametrize("hidden", ["internal", "draft", "expired"])
def test_what_is_not_public_appears_nowhere(client: Client, kb: Any, hidden: str) -> None:
    article = kb[hidden]
    for path in (
        f"/help/en/articles/{article.pk}/",
        f"/help/en/articles/{article.pk}-{addresses.slug(article.title)}/",
        reverse("help:vote", args=["en", article.pk]),
    ):
        page = get(client, path, 404).content.decode()
        assert article.title not in page and article.body_md[:20] not in page
    assert client.post(reverse("help:vote", args=["en", article.pk]), {"helped": "no"}).status_code == 404
    for path in ("/help/en/", "/help/en/topics/billing/", "/sitemap.xml", address(kb["refunds"])):
        assert article.title not in get(client, path).content.decode(), path
        assert f"articles/{article.pk}" not in get(client, path).content.decode(), path
    for query in (article.title, article.body_md, "goodwill refund lead approve"):
        for name in ("search", "suggest"):
            page = get(client, f"{reverse(f'help:{name}', args=['en'])}?q={query}").content.decode()
            assert f"articles/{article.pk}" not in page and "50 euros" not in page.replace(article.body_md, "")
    answer = client.get(f"{reverse('help:to_contact', args=['en'])}?article={article.pk}")
    assert article.title not in client.get(answer.headers["Location"]).content.decode()


def test_an_article_made_internal_is_gone_at_once(client: Client, kb: Any) -> None:
    path = address(kb["refunds"])
    get(client, path)
    Article.objects.filter(pk=kb["refunds"].pk).update(audience="internal")
    get(client, path, 404)
    related = get(client, address(kb["export"])).content.decode()
    assert "Refunds" not in related


def test_related_articles_are_cached_for_each_revision_and_checked_each_time(
    client: Client, kb: Any, write: Write
) -> None:
    other = write("Refund to another card", "A refund goes to the card you paid with.", category="billing")
    storing.sync_all()
    assert other.title in get(client, address(kb["refunds"])).content.decode()
    publishing.unpublish(other)
    assert other.title not in get(client, address(kb["refunds"])).content.decode()


def test_a_changed_title_redirects_and_never_in_a_circle(client: Client, kb: Any) -> None:
    article = kb["refunds"]
    old = address(article)
    article.title = "Money back"
    publishing.save_revision(article)
    publishing.approve(article)
    moved = get(client, f"{old}?from=search&x=1", 301)
    assert moved.headers["Location"] == f"{address(article)}?from=search"
    assert "no-cache" in moved.headers["Cache-Control"]
    assert get(client, f"/help/de/articles/{article.pk}-nonsense/", 301).headers["Location"] == address(article)
    get(client, address(article))


def test_a_title_without_ascii_letters_has_an_address(client: Client, store: MemoryStore, write: Write) -> None:
    article = write("退款", "钱会退回您的卡。", language="zh")
    assert address(article) == f"/help/zh/articles/{article.pk}/"
    get(client, address(article))


@pytest.mark.parametrize(
    "path",
    [
        "/help/en/articles/999999999999999999/",
        "/help/en/articles/99999999999999999999999-x/",
        "/help/en/articles/0-x/",
        "/help/xx/",
        "/help/en/topics/none/",
        "/help/en/nothing",
        "/help/images/" + "a" * 64,
        "/help/images/../settings.py",
        "/help/logo",
    ],
)
def test_what_does_not_exist_is_404(client: Client, kb: Any, path: str) -> None:
    get(client, path, 404)


def test_reading_sets_no_cookie_and_is_the_same_for_everybody(client: Client, kb: Any, rosa: Any) -> None:
    paths = ["/help/en/", "/help/en/topics/billing/", address(kb["refunds"]), "/help/theme.css", "/sitemap.xml"]
    anonymous = {path: client.get(path) for path in [*paths, "/robots.txt", "/help/", "/help/en/articles/987654-x/"]}
    for path, answer in anonymous.items():
        assert not answer.cookies, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
    client.force_login(rosa)
    assert all(client.get(path).content == anonymous[path].content for path in paths)
    assert not HelpVisit.objects.exists()


def test_browsers_revalidate_and_get_a_page_again_only_after_a_change(client: Client, kb: Any) -> None:
    path = address(kb["refunds"])
    first = get(client, path)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "GMT" in first.headers["Last-Modified"]
    again = get(client, path, 304, if_none_match=first.headers["ETag"])
    assert not again.content and again.headers["ETag"] == first.headers["ETag"]
    kb["refunds"].body_md += "\n\nOne more line."
    publishing.save_revision(kb["refunds"])
    publishing.approve(kb["refunds"])
    get(client, path, 200, if_none_match=first.headers["ETag"])


def test_public_pages_have_the_content_security_policy(client: Client, kb: Any) -> None:
    answer = get(client, address(kb["refunds"]))
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 'src="http' not in answer.content.decode() and "<script>" not in answer.content.decode()


def test_sitemap_and_robots(client: Client, kb: Any) -> None:
    sitemap = get(client, "/sitemap.xml").content.decode()
    for found in (address(kb["refunds"]), address(kb["german"]), "/help/de/", "/help/en/topics/billing/"):
        assert f"<loc>http://testserver{found}</loc>" in sitemap
    robots = get(client, "/robots.txt").content.decode()
    assert "Disallow: /\n" in robots and "Allow: /help/" in robots and "http://testserver/sitemap.xml" in robots


def test_list_pages_take_the_same_queries_for_many_articles(
    client: Client, kb: Any, write: Write, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        write(f"Refund number {number}", "Text about it.", category="billing")
    client.get(address(kb["refunds"]))
    for path, queries in {"/help/en/": 3, "/help/en/topics/billing/": 3, "/sitemap.xml": 1}.items():
        with django_assert_num_queries(queries):
            client.get(path)
    with django_assert_num_queries(4):  # the article, its versions, languages, related ones
        client.get(address(kb["refunds"]))


def test_pictures_of_public_articles_only(client: Client, store: MemoryStore, write: Write) -> None:
    def picture(content: bytes) -> ArticleImage:
        sha256 = hashlib.sha256(content).hexdigest()
        image = ArticleImage(sha256=sha256, content_type="image/png", width=1, height=1, size=len(content))
        image.file.save(f"{sha256}.png", ContentFile(content))
        return image

    shown, hidden = picture(b"public"), picture(b"internal")
    write("With picture", f"Look.\n\n![Menu](/knowledge/images/{shown.sha256}.png)")
    write("Inside", f"Look.\n\n![Menu](/knowledge/images/{hidden.sha256}.png)", audience="internal")
    answer = get(client, f"/help/images/{shown.sha256}")
    assert b"".join(answer.streaming_content) == b"public"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    get(client, f"/help/images/{hidden.sha256}", 404)


def test_words_that_rendering_adds_are_in_the_language_of_the_article(
    client: Client, store: MemoryStore, write: Write
) -> None:
    picture = "![Chart](https://elsewhere.example/c.png)"
    english, german = write("Chart", f"Look.\n\n{picture}"), write("Bild", f"Hier.\n\n{picture}", language="de")
    for _twice in range(2):
        assert "Chart (image)" in get(client, address(english), accept_language="de").content.decode()
        assert "Chart (Bild)" in get(client, address(german), accept_language="en").content.decode()
    Article.objects.filter(pk=german.pk).update(language="en")  # the same revision, cached in German
    german.refresh_from_db()
    assert "Chart (image)" in get(client, address(german)).content.decode()


def test_pictures_in_articles_have_their_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = "ab" * 32
    monkeypatch.setattr(
        reading, "render_article", lambda text: f'<p><img src="/knowledge/images/{sha256}.png" alt="x"></p>'
    )
    assert f'src="/help/images/{sha256}"' in reading._read("x", "x").html


@pytest.mark.parametrize(
    ("markdown", "sentence"),
    [
        ("# Head\n\n- a list\n\nFirst one. Second one.", "First one."),
        ("", ""),
        ("| a |\n|---|\n| b |", ""),
        ("word " * 80, ("word " * 31).strip() + " word…"),
    ],
)
def test_the_description_is_the_first_sentence(markdown: str, sentence: str) -> None:
    assert reading.description(markdown) == sentence


@given(st.text(max_size=300), st.integers(1, 10**17), st.sampled_from(["en", "de", "pt-br"]))
def test_every_title_has_an_address_that_leads_to_it(title: str, article_id: int, language: str) -> None:
    path = addresses.article(language, article_id, title)
    assert path.isascii() and len(path) < 150
    found = resolve(path)
    assert found.kwargs["article_id"] == article_id and found.kwargs["language"] == language


@given(st.text(max_size=40))
def test_every_category_has_an_address(name: str) -> None:
    assert resolve(f"/help/en/topics/{addresses.category_slug(name)}/").kwargs["slug"] == addresses.category_slug(name)
    assert addresses.category("en", name).startswith("/help/en/topics/")


# --- Theme ---------------------------------------------------------------------


def test_the_accent_reaches_the_page_through_a_stylesheet(client: Client, settings: Any) -> None:
    settings.HELP_ACCENT = "#0b6e4f"
    answer = get(client, "/help/theme.css")
    assert (
        answer.headers["Content-Type"].startswith("text/css")
        and "--acc: light-dark(#0b6e4f," in answer.content.decode()
    )
    get(client, "/help/theme.css", 304, if_none_match=answer.headers["ETag"])
    settings.HELP_ACCENT = "red; } body { display: none"
    assert "display" not in get(client, "/help/theme.css").content.decode()


@given(st.integers(0, 0xFFFFFF))
def test_any_accent_is_readable_in_light_and_dark(number: int) -> None:
    shades = re.findall(r"#[0-9a-f]{6}", theme.stylesheet(f"#{number:06x}"))
    light, dark, on_light, on_dark = shades
    assert min(theme.contrast(light, ground) for ground in theme.LIGHT) >= 4.5
    assert min(theme.contrast(dark, ground) for ground in theme.DARK) >= 4.5
    assert theme.contrast(on_light, light) >= 4.5 and theme.contrast(on_dark, dark) >= 4.5


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("HELP_ACCENT", "blue", "E020"),
        ("HELP_ACCENT", "#ffdd00", "E021"),
        ("HELP_LOGO", "/nowhere/logo.svg", "E022"),
        ("HELP_LOGO", __file__, "E022"),
        ("HELP_LINKS", ["Status"], "E023"),
        ("HELP_LINKS", ["Status=javascript:alert(1)"], "E023"),
        ("HELP_VISIT_DAYS", 0, "E024"),
        ("HELP_ACCENT", "#2f5bea", ""),
    ],
)
def test_settings_are_checked_at_start(settings: Any, name: str, value: Any, problem: str) -> None:
    setattr(settings, name, value)
    assert [found.id for found in theme.help_center_settings(None)] == ([f"copydesk.{problem}"] if problem else [])


def test_logo_and_links(client: Client, kb: Any, settings: Any, tmp_path: Any) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    settings.HELP_LOGO, settings.HELP_LINKS = str(logo), ["Status=https://status.tallybird.example"]
    settings.HELP_TITLE = "Tallybird Help"
    page = get(client, "/help/en/").content.decode()
    assert 'src="/help/logo"' in page and 'href="https://status.tallybird.example"' in page and "Tallybird Help" in page
    answer = get(client, "/help/logo")
    assert answer.headers["Content-Type"] == "image/svg+xml" and "sandbox" in answer.headers["Content-Security-Policy"]


def test_other_languages_list_translations_and_mark_articles_that_have_none(
    client: Client, kb: dict[str, Article]
) -> None:
    page = get(client, "/help/de/").content.decode()
    assert "Erstattungen" in page and f'href="{address(kb["german"])}"' in page
    assert f'<a href="{address(kb["export"])}" lang="en" hreflang="en">Export bookings</a>' in page
    assert '<span class="chip" lang="en">English</span>' in page
    assert "Mit „English“ markierte Artikel sind noch nicht übersetzt." in page
    assert address(kb["refunds"]) not in page  # there in German
    visit = HelpVisit.objects.create()
    other = Article.objects.get(pk=kb["export"].pk)
    Article.objects.filter(pk=other.pk).update(category="billing")
    visit.reads.create(article=other)
    page = get(client, "/help/de/topics/billing/").content.decode()
    assert page.index("Erstattungen") < page.index("Export bookings")  # their own language first
    Article.objects.filter(pk=other.pk).update(category="technical")
    for hidden in ("internal", "draft", "expired"):
        assert kb[hidden].title not in page
    technical = get(client, "/help/de/topics/technical/").content.decode()
    assert "Export bookings" in technical and "Probleme beheben" in technical


def test_english_pages_mark_nothing_and_list_no_other_language(client: Client, kb: dict[str, Article]) -> None:
    page = get(client, "/help/en/").content.decode()
    assert "Erstattungen" not in page and "not translated" not in page and 'class="chip"' not in page


def test_an_english_article_that_is_itself_a_translation_is_listed_once(
    client: Client, kb: dict[str, Article], write: Write
) -> None:
    original = write("Kalender verbinden", "So geht es.", language="de", category="technical")
    english = write("Connect a calendar", "Like this.", category="technical", translation_of=original)
    assert english.title not in get(client, "/help/de/").content.decode()
    assert english.title in get(client, "/help/fr/").content.decode()


def test_a_language_of_ours_has_pages_without_any_article(client: Client, kb: dict[str, Article]) -> None:
    page = get(client, "/help/es/").content.decode()
    assert '<html lang="es"' in page and "Refunds" in page and "no están traducidos" in page
    assert '<html lang="es"' in get(client, "/help/es/search?q=").content.decode()
    get(client, "/help/sv/", 404)
