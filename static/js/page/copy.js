// Buttons that copy a field or a text: data-copy has its id, data-copied what the button says then.

const SHOWN = 2000; // ms

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS there is no clipboard: the text is selected, and Ctrl+C copies it.
    select(source);
    return;
  }
  const label = (button.dataset.label ??= button.textContent);
  button.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = label;
  }, SHOWN);
}

function select(source) {
  if (source.select) {
    source.select();
    return;
  }
  getSelection().selectAllChildren(source);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
