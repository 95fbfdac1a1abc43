// Before the first paint: the theme that the person chose for the whole product. Its own file, because the
// policy of our pages allows no inline script.
document.documentElement.dataset.theme = document.querySelector("meta[name=theme]").content;
