/// The style sheet of reports: light and dark, narrow screens, paper.
enum PageStyle {
  static let css = """
    :root { color-scheme: light dark; --paper: #fff; --panel: #f6f7f9; --ink: #1b1f24; --quiet: #545b66;
      --edge: #d5d9e0; --c1: #1f5fbf; --c2: #14713a; --c3: #6b7280; --c4: #a4500a; --c5: #7a3fb0; --c6: #b0234f;
      --up: #14713a; --down: #a8321f; --warn: #fdf1e3; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14171b; --panel: #1d2127; --ink: #e6e9ee;
      --quiet: #a4acb8; --edge: #363c46; --c1: #7aaeff; --c2: #6fd394; --c3: #a4acb8; --c4: #f2a65e; --c5: #c79bf2;
      --c6: #ff8fb0; --up: #6fd394; --down: #ff9a8a; --warn: #3a2a18; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 4rem; background: var(--paper); color: var(--ink);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    a { color: var(--c1); }
    :focus-visible { outline: 3px solid var(--c1); outline-offset: 2px; }
    .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; }
    .kind { margin: 2rem 0 0; color: var(--quiet); }
    h1 { margin: 0 0 1rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .75rem; font-size: 1.3rem; } h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem; }
    h4 { margin: 0 0 .3rem; font-size: .9rem; color: var(--quiet); }
    section { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--edge); }
    nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
    .verdict { margin: 0 0 1rem; padding: .7rem 1rem; border-left: .35rem solid var(--c3); background: var(--panel); }
    .verdict p { margin: .15rem 0; overflow-wrap: anywhere; } .verdict b { font-size: 1.1rem; }
    .verdict ol { margin: .15rem 0; padding-left: 1.4rem; }
    .verdict.better { border-color: var(--up); } .verdict.worse { border-color: var(--down); }
    .lead { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
    .lead > div { padding: .6rem .9rem; border: 1px solid var(--edge); border-radius: .4rem; background: var(--panel); }
    .lead > div.own { border-color: var(--c1); }
    .lead dt { font-size: .85rem; color: var(--quiet); } .lead dd { margin: 0; }
    .lead b { display: block; font-size: 1.5rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
    .lead span { font-size: .8rem; color: var(--quiet); }
    .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
    figure { margin: 0; padding: .75rem .75rem .25rem; border: 1px solid var(--edge); border-radius: .4rem; min-width: 0; }
    figcaption { font-weight: 600; margin-bottom: .35rem; }
    figure > svg { display: block; width: 100%; height: auto; }
    .wide { margin-bottom: 1rem; } .wide .scroll > svg { display: block; width: 100%; min-width: 34rem; height: auto; }
    svg .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
    svg text { fill: var(--quiet); font-size: 11.5px; font-variant-numeric: tabular-nums; }
    svg .grid { stroke: var(--edge); fill: none; } svg .tick { stroke: var(--quiet); fill: none; }
    svg .mark { stroke: var(--quiet); stroke-dasharray: 2 3; fill: none; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; stroke: var(--c1); }
    .dashed { stroke-dasharray: 7 4; } .dotted { stroke-dasharray: 1 4.5; } .faint { stroke-width: 1; opacity: .35; }
    .line.c2 { stroke: var(--c2); } .line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); }
    .line.c5 { stroke: var(--c5); } .line.c6 { stroke: var(--c6); }
    .dot { fill: var(--c1); stroke: var(--paper); } .dot.c2 { fill: var(--c2); } .dot.c3 { fill: var(--c3); }
    .dot.c4 { fill: var(--c4); } .dot.c5 { fill: var(--c5); } .dot.c6 { fill: var(--c6); }
    .legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: .25rem 0 0; padding: 0; list-style: none; font-size: .85rem; }
    .legend svg { vertical-align: middle; margin-right: .35rem; }
    .hint { margin: .25rem 0 .75rem; font-size: .85rem; color: var(--quiet); } .hint:empty { display: none; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .92rem; }
    caption { text-align: left; font-weight: 600; padding: .25rem 0 .5rem; }
    th, td { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--edge); }
    th { font-weight: 600; } tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 9rem; }
    td { overflow-wrap: anywhere; min-width: 5.6rem; }
    th.n, td.n, .n { min-width: 0; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    th:last-child, td:last-child { padding-right: 0; }
    .up { color: var(--up); } .down { color: var(--down); } .best { font-weight: 700; }
    th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
      text-decoration: underline dotted; text-underline-offset: .2em; }
    th[aria-sort=ascending] button::after { content: " \\25B2"; } th[aria-sort=descending] button::after { content: " \\25BC"; }
    .facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
    .facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
    pre { margin: 0; padding: .9rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--edge);
      border-radius: .4rem; font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
    details.example { border-bottom: 1px solid var(--edge); padding: .4rem 0; }
    details.more { margin: 1rem 0; } summary { cursor: pointer; }
    details.more > summary { font-weight: 600; margin-bottom: .5rem; }
    .rankings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; padding: .6rem 0 .4rem 1.1rem; }
    .rankings ol { margin: 0; padding-left: 1.4rem; font-size: .9rem; } .rankings li { margin-bottom: .35rem; overflow-wrap: anywhere; }
    .grade { display: inline-block; padding: 0 .4rem; border: 1px solid var(--edge); border-radius: .7rem; font-size: .78rem; color: var(--quiet); }
    .relevant .grade { border-color: var(--up); color: var(--up); }
    .messages { padding-left: 1.2rem; } .messages .warning { background: var(--warn); }
    @media (max-width: 34rem) {
      body { padding: 0 .8rem 3rem; } h1 { font-size: 1.5rem; } .kind { margin-top: 1rem; }
      .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .5rem; }
      figure { padding: .5rem .4rem .1rem; } svg text { font-size: 13px; }
      table { font-size: .86rem; } th, td { padding-right: .7rem; } .rankings { padding-left: 0; }
      .sortable tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(3.6rem, 1fr)); border-bottom: 1px solid var(--edge); }
      .sortable :is(th, td) { border: 0; padding-right: .3rem; overflow-wrap: anywhere; white-space: normal; }
      .sortable tr > :first-child { grid-column: 1 / -1; }
      .sortable thead { position: sticky; top: 0; background: var(--paper); font-size: .74rem; }
    }
    @page { margin: 15mm 12mm; }
    @media print {
      :root { color-scheme: light; --paper: #fff; --panel: #fff; --ink: #000; --quiet: #444; --edge: #bbb; --c1: #1f5fbf;
        --c2: #14713a; --c3: #6b7280; --c4: #a4500a; --c5: #7a3fb0; --c6: #b0234f; --up: #14713a; --down: #a8321f; }
      body { max-width: none; font-size: 10pt; padding: 0; } nav, .skip { display: none; }
      figure, tr, .rankings li { break-inside: avoid; } summary, .rankings h4 { break-after: avoid; } h2, h3 { break-after: avoid; } .scroll { overflow: visible; }
      .plots { grid-template-columns: 1fr 1fr; } pre { white-space: pre-wrap; } th button { text-decoration: none; }
    }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
    """
}
