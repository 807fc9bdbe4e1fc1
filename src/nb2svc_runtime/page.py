"""The page at `/`: what the service does, and its API to try out. Works offline; everything it loads is the service's own."""

import html

from .schema import Schema

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_STYLE = (
    "body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1f2937;background:#fff}"
    "header{max-width:1460px;margin:0 auto;padding:24px 20px 0}h1{margin:0;font-size:1.6rem}"
    "header p{max-width:46rem;margin:.5rem 0}a{color:#1d4ed8}"
    ".swagger-ui .info,.swagger-ui .scheme-container{display:none}"
    ".skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px}"
)


def page_html(schema: Schema) -> str:
    """The page; its script is `page.js`."""
    name, notebook = html.escape(schema.name), html.escape(schema.notebook)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="description" content="API of {name}, compiled from {notebook}">\n'
        "<title>{name}</title>\n"
        '<link rel="icon" href="./static_content/favicon-light-32x32.png">\n'
        '<link rel="stylesheet" href="./static_content/swagger-ui.css">\n'
        "<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#api">Skip to the API</a>\n'
        "<header>\n<h1>{name}</h1>\n"
        "<p>Answers as the notebook {notebook} did. Each row is checked by itself: rows unlike those in training are "
        "referred to a person, rows that can&rsquo;t be computed say why.</p>\n"
        "<p>Press <em>Execute</em>: the example works as it is, and you can change it. "
        'The <a href="./docs.json">OpenAPI document</a> describes every field.</p>\n'
        "<noscript><p>Without JavaScript, send the example yourself; the OpenAPI document has it.</p></noscript>\n</header>\n"
        '<main id="api"><div id="swagger-ui"></div></main>\n'
        '<script src="./static_content/swagger-ui-bundle.js"></script>\n<script src="./page.js"></script>\n'
        "</body>\n</html>\n"
    ).format(name=name, notebook=notebook, style=_STYLE)


def page_script() -> str:
    """Shows the document; nothing is sent to a validator elsewhere."""
    return (
        'window.ui = SwaggerUIBundle({url: "./docs.json", dom_id: "#swagger-ui", validatorUrl: null, '
        'defaultModelsExpandDepth: 0, displayRequestDuration: true, docExpansion: "list", '
        # The prediction stands open with its example, so that the first click sends it.
        "tryItOutEnabled: true, deepLinking: true, onComplete: () => "
        'document.querySelector("#operations-predictions-predict .opblock-summary-control")?.click()});\n'
    )
