#include "page.hpp"

namespace tests {

std::string judging_policy() {
    return "default-src 'none'; script-src 'nonce-judge'; connect-src 'self'; img-src http: "
           "https:; "
           "frame-src 'self' https://video.example; base-uri 'none'; form-action 'none'";
}

std::string judging_page() {
    return R"html(<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>news HTML</title></head><body><div id="place"></div>
<script nonce="judge">
'use strict';
const hosts = ['video.example'];
const elements = {
  A: ['href', 'title', 'target', 'rel'], IMG: ['src', 'alt', 'title', 'width', 'height'],
  IFRAME: ['src', 'title', 'width', 'height', 'allowfullscreen'], OL: ['start'],
  TD: ['colspan', 'rowspan'], TH: ['colspan', 'rowspan'], DIV: null
};
for (const name of ['P', 'H2', 'H3', 'H4', 'BLOCKQUOTE', 'PRE', 'UL', 'LI', 'FIGURE', 'FIGCAPTION',
    'TABLE', 'THEAD', 'TBODY', 'TR', 'HR', 'BR', 'STRONG', 'EM', 'S', 'CODE']) {
  elements[name] = [];
}
const faults = [];
let shown = 0;

function tell(what, text) {
  if (faults.length < 100) faults.push(what + ' | ' + text.slice(0, 300));
}

// Whatever runs, calls this: the samples say alert(1).
function watch(where, text) {
  where.alert = () => tell('a script ran', text());
  where.document.addEventListener('securitypolicyviolation', event =>
    tell('against the policy: ' + event.effectiveDirective + ' ' + event.blockedURI, text()));
}

function goes_to(element, name, schemes) {
  let scheme = '';
  try { scheme = new URL(element[name]).protocol; } catch (error) { scheme = 'no address'; }
  return schemes.includes(scheme) ? '' : name + ' is ' + element.getAttribute(name);
}

function fault_of(element) {
  const allowed = elements[element.tagName];
  if (allowed === undefined) return 'a ' + element.tagName;
  for (const {name} of element.attributes) {
    const fits = allowed === null ? name.startsWith('data-') : allowed.includes(name);
    if (!fits) return name + ' of ' + element.tagName;
  }
  if (element.tagName === 'DIV' && !element.dataset.block) return 'a div that is no block';
  if (element.tagName === 'A') {
    return goes_to(element, 'href', ['http:', 'https:', 'mailto:', 'tel:']);
  }
  if (element.tagName === 'IMG') return goes_to(element, 'src', ['http:', 'https:']);
  if (element.tagName === 'IFRAME') {
    const bad = goes_to(element, 'src', ['https:']);
    return bad || hosts.includes(new URL(element.src).host) ? bad : 'a frame of ' + element.src;
  }
  return '';
}

function look_at(place, text) {
  for (const element of place.querySelectorAll('*')) {
    const fault = fault_of(element);
    if (fault) return tell(fault, text);
  }
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_COMMENT);
  if (walker.nextNode()) return tell('a comment', text);
  // Read and written by somebody else, it is the same, but for a tbody that any table has, and the
  // line that a pre may begin with so that its first one is kept.
  const bodiless = html => html.replace(/<[/]?tbody>/g, '');
  const written = bodiless(text.replace(/<pre>\n/g, '<pre>'));
  if (bodiless(place.innerHTML) !== written) tell('reads as ' + place.innerHTML.slice(0, 300), text);
}

const rest = () => new Promise(resolve => setTimeout(resolve, 0));

// As a part of a page that is there.
function show_within(texts) {
  const place = document.getElementById('place');
  for (const text of texts) {
    place.innerHTML = text;
    look_at(place, text);
    ++shown;
  }
  place.innerHTML = '';
}

// As a part of a page that is being read.
async function show_alone(texts) {
  const frames = texts.map(text => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const page = frame.contentDocument;
    page.open();
    watch(frame.contentWindow, () => text);
    page.write('<!DOCTYPE html><body><div id="place">' + text + '</div>');
    page.close();
    return frame;
  });
  await new Promise(resolve => setTimeout(resolve, 300));
  frames.forEach((frame, i) => {
    look_at(frame.contentDocument.getElementById('place'), texts[i]);
    frame.remove();
    ++shown;
  });
}

async function judge() {
  let last = '';
  watch(window, () => last);
  for (;;) {
    const {alone, texts} = await (await fetch('/texts')).json();
    if (texts.length === 0) break;
    last = 'one of those that begin with ' + texts[0];
    if (alone) await show_alone(texts); else show_within(texts);
    await rest();
  }
  await new Promise(resolve => setTimeout(resolve, 300));
  await fetch('/verdict', {method: 'POST', body: JSON.stringify({shown, faults})});
}
judge().catch(error => fetch('/verdict', {method: 'POST',
  body: JSON.stringify({shown, faults: ['the page broke: ' + error]})}));
</script></body></html>
)html";
}

}  // namespace tests
