'use strict';
(() => {
  const root = document.documentElement;
  const canaries = [...document.querySelectorAll('details.canary')];
  const search = document.getElementById('_search');
  const cause = document.getElementById('_cause');
  const count = document.getElementById('_count');
  const verdicts = [...document.querySelectorAll('button[data-show]')];
  root.classList.add('js');

  // what is searched of a canary, read when it is needed first
  const texts = new Map();
  const textOf = (canary) => {
    if (!texts.has(canary)) {
      const parts = [...canary.querySelectorAll('summary > span, .body > .sentence, .said')];
      texts.set(canary, parts.map((part) => part.textContent).join(' ').toLowerCase());
    }
    return texts.get(canary);
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = verdicts.filter((one) => one.getAttribute('aria-pressed') === 'true');
    const shown = new Set(pressed.map((one) => one.dataset.show));
    let visible = 0;
    for (const canary of canaries) {
      const isShown = shown.has(canary.dataset.verdict)
        && (!cause || !cause.value || canary.dataset.cause === cause.value)
        && words.every((word) => textOf(canary).includes(word));
      canary.hidden = !isShown;
      visible += isShown ? 1 : 0;
    }
    count.textContent = visible === canaries.length ? '' : `${visible} of ${canaries.length} shown`;
  };
  search.addEventListener('input', filter);
  if (cause) cause.addEventListener('change', filter);
  for (const button of verdicts) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
      filter();
    });
  }

  const select = (tab) => {
    for (const other of tab.parentElement.children) {
      const isCurrent = other === tab;
      other.setAttribute('aria-selected', String(isCurrent));
      other.tabIndex = isCurrent ? 0 : -1;
      document.getElementById(other.getAttribute('aria-controls')).classList.toggle('current', isCurrent);
    }
  };
  document.addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab]');
    if (tab) select(tab);
  });

  // a link into the page opens what it leads to
  const reveal = () => {
    let name = '';
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = name && document.getElementById(name);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === 'DETAILS') { at.open = true; at.hidden = false; }
    }
    if (target.matches('.panel')) select(document.getElementById(target.getAttribute('aria-labelledby')));
    target.scrollIntoView();
    const focus = target.matches('details') ? target.querySelector('summary') : target;
    if (!focus.matches('summary, a, button, input')) focus.tabIndex = -1;
    focus.focus({ preventScroll: true });
  };
  addEventListener('hashchange', reveal);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === location.hash) reveal();
  });

  const step = (forward, wanted) => {
    const visible = canaries.filter((canary) => !canary.hidden);
    const current = visible.findIndex((canary) => canary.contains(document.activeElement));
    const before = visible.slice(0, current < 0 ? visible.length : current).reverse();
    const next = (forward ? visible.slice(current + 1) : before).find(wanted);
    if (!next) return;
    const summary = next.querySelector('summary');
    summary.focus();
    summary.scrollIntoView({ block: 'nearest' });
  };
  const red = (canary) => ['fail', 'error', 'xpass'].includes(canary.dataset.verdict);
  const keys = {
    '/': () => search.focus(),
    j: () => step(true, () => true),
    k: () => step(false, () => true),
    n: () => step(true, red),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (at.matches('[role=tab]')) {
      const tabs = [...at.parentElement.children];
      const place = tabs.indexOf(at);
      const last = tabs.length - 1;
      const places = { ArrowRight: place + 1, ArrowLeft: place + last, Home: 0, End: last };
      if (Object.hasOwn(places, event.key)) {
        const tab = tabs[places[event.key] % tabs.length];
        select(tab);
        tab.focus();
        event.preventDefault();
      }
    }
    if (at.matches('input, select')) {
      if (event.key === 'Escape' && at === search) { search.value = ''; filter(); search.blur(); }
      return;
    }
    if (Object.hasOwn(keys, event.key)) { keys[event.key](); event.preventDefault(); }
  });

  reveal();
})();
