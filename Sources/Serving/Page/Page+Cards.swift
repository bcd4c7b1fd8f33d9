extension Page {
  /// The script's part that shows results.
  static let cards = #"""
    function switchTo(order) {
      $("orders").className = order;
      document.querySelector("input[name=order][value=" + order + "]").checked = true;
      fold();
    }

    function card(passage, order) {
      const isNew = order === "after", other = isNew ? "before" : "after";
      const up = passage.before - passage.after;
      const item = make("li", "card");
      item.id = order + "-" + passage[order];
      item.tabIndex = -1;
      const head = make("div", "head");
      head.append(make("span", "place", passage[order] + 1));
      const move = make("button", up > 0 ? "up" : up < 0 ? "down" : "",
        up > 0 ? "↑ " + up : up < 0 ? "↓ " + -up : "=");
      move.type = "button";
      move.setAttribute("aria-label",
        (up === 0 ? "same place" : (isNew ? "was" : "now") + " at place " + (passage[other] + 1)
          + ", " + Math.abs(up) + (up > 0 ? " up" : " down"))
          + ": show it in the " + (isNew ? "old" : "new") + " order");
      move.title = (isNew ? "was at place " : "now at place ") + (passage[other] + 1);
      move.addEventListener("click", () => {
        switchTo(other);
        $(other + "-" + passage[other]).focus();
      });
      head.append(move);
      if (passage.id !== undefined) head.append(make("span", "id", passage.id));
      if (passage.isTruncated) head.append(make("span", "note", "truncated"));
      const score = make("span", "score"), bar = make("span", "bar"), part = make("span");
      bar.setAttribute("aria-hidden", "true");
      part.style.width = Math.max(0, Math.min(1, passage.score)) * 100 + "%";
      bar.append(part);
      score.append(make("span", "unseen", "score"), passage.score.toFixed(4), bar);
      head.append(score);
      const text = make("p", "text folded", passage.text);
      const more = make("button", "", "Show all");
      more.type = "button";
      more.hidden = true;
      more.setAttribute("aria-expanded", "false");
      more.addEventListener("click", () => {
        const isFolded = text.classList.toggle("folded");
        more.textContent = isFolded ? "Show all" : "Show less";
        more.setAttribute("aria-expanded", String(!isFolded));
      });
      item.append(head, text, more);
      for (const [event, isOn] of [["mouseenter", true], ["mouseleave", false],
        ["focusin", true], ["focusout", false]]) {
        item.addEventListener(event, () => {
          for (const way of [order, other]) {
            const card = $(way + "-" + passage[way]);
            if (card) card.classList.toggle("same", isOn);
          }
        });
      }
      return item;
    }

    // A passage that its four lines show needs no button.
    function fold() {
      for (const text of document.querySelectorAll(".text.folded")) {
        if (text.clientHeight > 0) {
          text.nextSibling.hidden = text.scrollHeight <= text.clientHeight + 1;
        }
      }
    }

    function fact(name, value) {
      const part = make("div");
      part.append(make("dt", "", name), make("dd", "", value));
      $("facts").append(part);
    }

    function show(result, most) {
      const lists = { after: result.order, before: result.passages };
      for (const order of ["after", "before"]) {
        $(order).querySelector("ol").replaceChildren(
          ...lists[order].slice(0, most).map(passage => card(passage, order)));
      }
      const rest = result.order.length - most;
      $("rest").hidden = rest <= 0;
      $("rest").textContent = "Show the other " + rest.toLocaleString("en");
      $("rest").onclick = () => {
        show(result, Infinity);
        $("after-" + most).focus();
      };
      $("results").hidden = false;
      fold();
    }

    function showAll(result) {
      const all = result.order.length;
      const moved = result.order.filter(passage => passage.before !== passage.after).length;
      const cut = result.order.filter(passage => passage.isTruncated).length;
      const time = result.time < 1000 ? Math.round(result.time) + " ms"
        : (result.time / 1000).toFixed(2) + " s";
      $("facts").replaceChildren();
      fact("model", server.model);
      fact("passages", all.toLocaleString("en"));
      fact("in another place", moved.toLocaleString("en"));
      fact("time", time);
      fact("tokens read", result.tokens.toLocaleString("en"));
      fact("truncated to " + server.tokens + " tokens", cut.toLocaleString("en"));
      if (result.divided > 0) fact("read in parts", result.divided.toLocaleString("en"));
      switchTo("after");
      show(result, shown);
      tell(counted(all, "passage", "passages") + ", " + moved.toLocaleString("en")
        + " in another place, " + time
        + (cut > 0 ? "; " + counted(cut, "is", "are") + " truncated to " + server.tokens
          + " tokens with the query" : "")
        + [...result.warnings].map(text => "; " + text).join("") + ".");
    }

    """#

  /// The script's part for what a person does.
  static let acting = #"""
    let running = null;

    function refuse(field, text) {
      $("results").hidden = true;
      tell(text, true);
      $(field).setAttribute("aria-invalid", "true");
      $(field).focus();
    }

    async function submit() {
      if (running) return running.abort();
      const query = $("query").value;
      if (query.trim() === "") return refuse("query", "Type a query.");
      let all;
      try {
        all = passages();
      } catch (error) {
        return refuse("passages", "The passages cannot be read: " + error.message);
      }
      if (all.length === 0) return refuse("passages", "Give at least one passage.");
      running = new AbortController();
      $("submit").textContent = "Stop";
      tell("Scoring " + counted(all.length, "passage", "passages") + " …");
      try {
        showAll(await rerank(query, all, running.signal));
        if ($("results").getBoundingClientRect().top > innerHeight / 2) {
          $("status").scrollIntoView({ block: "start" });
        }
      } catch (error) {
        $("results").hidden = true;
        if (running.signal.aborted) tell("Stopped.");
        else tell("Reranking failed: " + error.message, true);
      }
      running = null;
      $("submit").textContent = "Rerank";
    }

    $("form").addEventListener("submit", event => {
      event.preventDefault();
      submit();
    });
    $("passages").addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("form").requestSubmit();
    });
    let counting;
    $("passages").addEventListener("input", () => {
      clearTimeout(counting);
      counting = setTimeout(() => {
        if (isJSON($("passages").value)) choose("json");
        count();
      }, 200);
    });
    for (const field of ["query", "passages"]) {
      $(field).addEventListener("input", () => $(field).removeAttribute("aria-invalid"));
    }
    document.querySelectorAll("input[name=split]").forEach(
      choice => choice.addEventListener("change", count));
    document.querySelectorAll("input[name=order]").forEach(
      choice => choice.addEventListener("change", () => switchTo(choice.value)));
    $("open").addEventListener("click", () => $("file").click());
    $("file").addEventListener("change", () => {
      if ($("file").files.length > 0) open($("file").files[0]);
      $("file").value = "";
    });
    // A file that misses the field must not replace the page.
    addEventListener("dragover", event => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      $("drop").classList.add("over");
    });
    addEventListener("dragleave", event => {
      if (!event.relatedTarget) $("drop").classList.remove("over");
    });
    addEventListener("drop", event => {
      $("drop").classList.remove("over");
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      open(event.dataTransfer.files[0]);
    });
    $("example").addEventListener("click", () => {
      $("query").value = "deleted the wrong folder";
      $("passages").value = [
        "Share a folder with other people by its link: open the folder and choose Share.",
        "Change the colour of the menu in the settings, under Appearance.",
        "Restore a deleted file or folder: open the trash, select it and choose Restore. "
          + "What was deleted more than 30 days ago cannot be restored.",
        "Print a page on both sides of the paper.",
        "Empty the trash to free space. This deletes its files for good."
      ].join("\n\n");
      choose("paragraph");
      count();
      $("form").requestSubmit();
    });
    addEventListener("resize", fold);
    """#
}
