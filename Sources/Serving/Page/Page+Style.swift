extension Page {
  /// The style sheet: light and dark; two columns of cards, or one on a narrow screen.
  static let style = #"""
    :root { color-scheme: light dark; --paper: #fff; --panel: #f6f7f9; --ink: #1b1f24;
      --quiet: #545b66; --edge: #d5d9e0; --field: #8a8f98; --main: #1f5fbf; --on: #fff;
      --up: #14713a; --down: #a8321f; --warn: #fdf1e3; --same: #e8f0fc; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14171b; --panel: #1d2127;
      --ink: #e6e9ee; --quiet: #a4acb8; --edge: #363c46; --field: #757d8a; --main: #7aaeff;
      --on: #10151c; --up: #6fd394; --down: #ff9a8a; --warn: #3a2a18; --same: #22314a; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
      margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
      color: var(--ink); }
    h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; } h2 { margin: 0 0 .5rem; font-size: 1.3rem; }
    h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
    form { max-width: 52rem; }
    form > label, form .wide { display: block; margin-top: 1rem; font-weight: 600; }
    .hint { margin: .25rem 0 0; font-size: .9rem; font-weight: 400; color: var(--quiet);
      overflow-wrap: anywhere; }
    input[type=text], input[type=password], textarea { width: 100%; font: inherit; padding: .5rem;
      color: inherit; background: var(--paper); border: 1px solid var(--field);
      border-radius: .3rem; }
    [aria-invalid=true] { border-color: var(--down) !important; }
    textarea { display: block; min-height: 11rem; resize: vertical; }
    #drop { border-radius: .3rem; } #drop.over { outline: 3px dashed var(--main); }
    fieldset { border: 0; padding: 0; margin: .6rem 0 0; min-width: 0; }
    legend { float: left; margin-right: 1rem; padding: 0; } fieldset label { margin-right: 1rem;
      display: inline-block; }
    details { margin-top: .6rem; } summary { cursor: pointer; }
    .actions { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1rem; }
    button { font: inherit; color: var(--main); background: var(--paper); cursor: pointer;
      border: 1px solid var(--main); border-radius: .3rem; padding: .45rem 1rem; }
    #submit { font-weight: 600; color: var(--on); background: var(--main); min-width: 7rem; }
    :focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
    #status { min-height: 1.5rem; margin: 1rem 0; overflow-wrap: anywhere; }
    #status.bad { padding: .6rem .9rem; background: var(--warn); border-left: .3rem solid var(--down); }
    #facts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1rem; }
    #facts > div { padding: .3rem .8rem; border: 1px solid var(--edge); border-radius: .4rem;
      background: var(--panel); max-width: 100%; }
    #facts dt { font-size: .8rem; color: var(--quiet); }
    #facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere;
      font-variant-numeric: tabular-nums; }
    #orders { display: grid; grid-template-columns: 1fr 1fr; gap: 1.25rem; }
    #orders > div { min-width: 0; }
    .switch { display: none; }
    ol { list-style: none; margin: 0; padding: 0; }
    .card { border: 1px solid var(--edge); border-radius: .4rem; padding: .5rem .75rem;
      margin-bottom: .6rem; scroll-margin: 1rem; }
    .card.same { background: var(--same); border-color: var(--main); }
    .head { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem .75rem;
      font-variant-numeric: tabular-nums; }
    .place { font-weight: 700; font-size: 1.1rem; min-width: 1.5rem; }
    .head button { border: 0; padding: .1rem .3rem; margin: 0 -.3rem; font-size: .9rem;
      background: none; color: var(--quiet); text-decoration: underline dotted;
      text-underline-offset: .2em; }
    .head button.up { color: var(--up); } .head button.down { color: var(--down); }
    .score { margin-left: auto; display: flex; align-items: center; gap: .5rem; }
    .bar { width: 4.5rem; height: .5rem; border-radius: .25rem; background: var(--edge);
      overflow: hidden; }
    .bar span { display: block; height: 100%; background: var(--main); }
    .note { font-size: .8rem; padding: 0 .4rem; border-radius: .6rem; background: var(--warn); }
    .id { font-size: .85rem; color: var(--quiet); overflow-wrap: anywhere; }
    .text { margin: .25rem 0 0; overflow-wrap: anywhere; white-space: pre-line; }
    .text.folded { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4;
      overflow: hidden; }
    .card > button { border: 0; padding: .1rem 0; background: none; font-size: .9rem;
      text-decoration: underline; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap; }
    @media (max-width: 44rem) {
      body { padding: 1rem .8rem 3rem; } h1 { font-size: 1.4rem; }
      .switch { display: block; margin-bottom: .75rem; }
      .switch legend { float: none; } .switch label { padding: .25rem 0; }
      #orders { grid-template-columns: minmax(0, 1fr); }
      #orders.after #before, #orders.before #after { display: none; }
      .actions button { flex: 1 1 auto; padding: .6rem .8rem; }
    }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
    """#
}
