// Starts the viewer. A file of its own, because the page's policy allows no script inside the page.
SwaggerUIBundle({
  url: '/v1/openapi.json',
  domNode: document.getElementById('docs'),
  layout: 'BaseLayout',
  presets: [SwaggerUIBundle.presets.apis],
  // The viewer would send the contract to a host of its makers and show their verdict.
  validatorUrl: null,
  // Nobody may make this page show another contract by a link.
  queryConfigEnabled: false,
  deepLinking: true,
  displayOperationId: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  filter: true,
  // Shows x-access: who may call what.
  showExtensions: true,
});
