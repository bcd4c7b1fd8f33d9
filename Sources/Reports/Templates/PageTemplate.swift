/// The HTML of reports, in Mustache: `{{name}}` is escaped, `{{{name}}}` is markup made here.
enum PageTemplate {
  /// The page.
  static let page = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{{scriptHash}}'; base-uri 'none'; form-action 'none'">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}</title>
    <style>
    {{{style}}}
    </style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header>
    <p class="kind">{{subheading}}</p>
    <h1>{{heading}}</h1>
    {{#verdict}}<div class="verdict {{tone}}" role="note"><p><b>{{outcome}}</b>{{reason}}</p>{{#caveat}}<p>{{.}}</p>{{/caveat}}{{#advice}}<p>To try, in this order:</p><ol>{{#items}}<li>{{.}}</li>{{/items}}</ol>{{/advice}}</div>{{/verdict}}
    {{#warning}}<div class="verdict worse" role="note"><p>{{.}}</p></div>{{/warning}}
    {{#hasLead}}<dl class="lead">{{#lead}}<div class="{{look}}"><dt>{{name}}</dt><dd><b>{{value}}</b><span>{{note}}</span></dd></div>{{/lead}}</dl>{{/hasLead}}
    </header>
    <nav aria-label="Sections"><ul>{{#sections}}<li><a href="#{{id}}">{{title}}</a></li>{{/sections}}</ul></nav>
    <main id="main">
    {{#sections}}
    <section id="{{id}}" aria-labelledby="{{id}}-h">
    <h2 id="{{id}}-h">{{title}}</h2>
    {{#blocks}}{{>block}}{{/blocks}}
    </section>
    {{/sections}}
    </main>
    <script>{{{script}}}</script>
    </body>
    </html>

    """#

  /// A part of a section.
  static let block = #"""
    {{#text}}<p>{{.}}</p>{{/text}}
    {{#plots}}<div class="plots">{{#figures}}<figure><figcaption>{{title}}</figcaption>{{{svg}}}<ul class="legend">{{#legend}}<li><svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true"><path class="line {{look}}" d="M1 5H27"/></svg>{{name}}</li>{{/legend}}</ul><p class="hint">{{description}}</p></figure>{{/figures}}</div>{{/plots}}
    {{#drawing}}<figure class="wide"><figcaption>{{title}}</figcaption><div class="scroll" role="region" tabindex="0" aria-label="{{title}}">{{{svg}}}</div><ul class="legend">{{#legend}}<li><svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true"><path class="line {{look}}" d="M1 5H27"/></svg>{{name}}</li>{{/legend}}</ul><p class="hint">{{description}}</p></figure>{{/drawing}}
    {{#table}}<div class="scroll" role="region" tabindex="0" aria-label="{{caption}}"><table class="{{look}}"><caption>{{caption}}</caption><thead><tr>{{#header}}<th scope="col" class="{{look}}">{{text}}</th>{{/header}}</tr></thead><tbody>{{#rows}}<tr><th scope="row">{{head}}</th>{{#cells}}<td class="{{look}}"{{#sort}} data-sort="{{.}}"{{/sort}}>{{text}}</td>{{/cells}}</tr>
    {{/rows}}</tbody></table></div><p class="hint">{{note}}</p>{{/table}}
    {{#facts}}<dl class="facts">{{#items}}<dt>{{name}}</dt><dd>{{value}}</dd>{{/items}}</dl>{{/facts}}
    {{#code}}<pre tabindex="0" role="region" aria-label="{{label}}">{{text}}</pre>{{/code}}
    {{#examples}}<h3>{{title}}</h3>{{#items}}<details class="example"><summary><span class="query">{{heading}}</span> <span class="n {{look}}">{{gain}}</span></summary><div class="rankings">{{#rankings}}<div><h4>{{name}}</h4><ol>{{#documents}}<li class="{{look}}"><span class="grade">{{grade}}</span> {{text}}</li>{{/documents}}</ol></div>{{/rankings}}</div></details>{{/items}}{{/examples}}
    {{#messages}}<ul class="messages">{{#items}}<li class="{{look}}">{{text}}</li>{{/items}}</ul>{{/messages}}
    {{#folded}}<details class="more"><summary>{{summary}}</summary>{{#blocks}}{{>block}}{{/blocks}}</details>{{/folded}}
    """#
}
