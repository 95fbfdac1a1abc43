// Sets the member's theme before the first paint. A file of its own, because our pages allow no inline script.
document.documentElement.dataset.theme = document.querySelector("meta[name=theme]").content;
