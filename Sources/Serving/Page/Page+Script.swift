extension Page {
  /// The script: what is typed, pasted or read from a file becomes passages; the server scores them;
  /// and cards show them in both orders.
  static let script = [reading, asking, cards, acting].joined(separator: "\n")

  /// Passages as they are typed, pasted or read from a file.
  private static let reading = #"""
    "use strict";
    const $ = id => document.getElementById(id);
    const server = $("main").dataset;
    const shown = 100;

    function make(tag, className, text) {
      const element = document.createElement(tag);
      if (className) element.className = className;
      if (text !== undefined) element.textContent = text;
      return element;
    }

    function counted(number, one, many) {
      return number.toLocaleString("en") + " " + (number === 1 ? one : many);
    }

    function tell(text, isBad) {
      $("status").textContent = text;
      $("status").classList.toggle("bad", isBad === true);
    }

    const names = ["text", "passage", "document", "contents", "content", "body"];

    function passage(value, where) {
      if (typeof value === "string") return { text: value };
      const name = value && names.find(name => typeof value[name] === "string");
      if (!name) throw new Error(where + ": expected a string, or an object with a string 'text'");
      const id = value._id ?? value.id;
      return {
        text: (typeof value.title === "string" && value.title !== "" ? value.title + " " : "")
          + value[name],
        id: typeof id === "string" || typeof id === "number" ? String(id) : undefined
      };
    }

    function parsed(text) {
      try {
        return { value: JSON.parse(text) };
      } catch (error) {
        return { reason: error.message.replace(/ \(line .*\)$/, "") };
      }
    }

    function jsonPassages(text) {
      const all = parsed(text).value;
      if (Array.isArray(all)) return all.map((value, at) => passage(value, "item " + (at + 1)));
      const found = [];
      text.split("\n").forEach((line, at) => {
        if (line.trim() === "") return;
        const { value, reason } = parsed(line);
        if (reason) throw new Error("line " + (at + 1) + " is not JSON: " + reason);
        found.push(passage(value, "line " + (at + 1)));
      });
      return found;
    }

    function split() { return document.querySelector("input[name=split]:checked").value; }

    function choose(way) { document.querySelector("input[value=" + way + "]").checked = true; }

    function passages() {
      const text = $("passages").value;
      const found = split() === "json" ? jsonPassages(text)
        : text.split(split() === "line" ? /\n/ : /\n\s*\n/).map(text => ({ text: text.trim() }));
      return found.filter(passage => passage.text.trim() !== "");
    }

    function isJSON(text) {
      if (!/^\s*[\[{]/.test(text)) return false;
      const first = text.trim().split("\n", 1)[0];
      return parsed(first).value !== undefined || parsed(text).value !== undefined;
    }

    function count() {
      let text = "";
      if ($("passages").value.trim() !== "") {
        try { text = counted(passages().length, "passage", "passages") + "."; } catch { }
      }
      $("count").textContent = text;
    }

    async function open(file) {
      const bytes = await file.arrayBuffer();
      let text;
      try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        return tell(file.name + " is not text in UTF-8", true);
      }
      if (text.includes("\u0000")) return tell(file.name + " is not a text file", true);
      $("passages").value = text;
      const lines = $("passages").value.trim();
      choose(isJSON(lines) ? "json" : /\n\s*\n/.test(lines) || !lines.includes("\n")
        ? "paragraph" : "line");
      $("passages").removeAttribute("aria-invalid");
      count();
      tell(file.name + ": " + ($("count").textContent || "no passage could be read."));
    }

    """#

  /// Requests. Passages are scored by `/score`, whose form no option of the server changes.
  private static let asking = #"""
    // So many at a time, so that there is something to tell meanwhile.
    const most = Math.min(server.documents, 250);

    function batches(all) {
      const size = new TextEncoder(), parts = [];
      let bytes = Infinity;
      for (const passage of all) {
        const own = size.encode(JSON.stringify(passage.text)).length + 1;
        const last = parts[parts.length - 1];
        if (!last || last.length >= most || bytes + own > server.bytes / 2) {
          parts.push([passage]);
          bytes = own;
        } else {
          last.push(passage);
          bytes += own;
        }
      }
      return parts;
    }

    async function ask(query, part, signal) {
      const headers = { "Content-Type": "application/json" };
      if ($("token").value !== "") headers.Authorization = "Bearer " + $("token").value;
      const body = { queries: query, documents: part.map(passage => passage.text) };
      if ($("instruction") && $("instruction").value.trim() !== "") {
        body.instruction = $("instruction").value;
      }
      let response;
      try {
        response = await fetch("score", {
          method: "POST", headers, signal, body: JSON.stringify(body)
        });
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Error("the server does not answer; is it still running?");
      }
      const answer = parsed(await response.text()).value;
      if (response.status === 401) {
        $("access").open = true;
        $("token").focus();
      }
      if (!response.ok || !answer) {
        const reason = answer && (answer.error && answer.error.message || answer.message);
        const error = new Error(reason || "the server answered with status " + response.status);
        throw Object.assign(error, { status: response.status });
      }
      return { answer, divided: Number(response.headers.get("x-split-documents")) };
    }

    async function rerank(query, all, signal) {
      const result = { passages: all, tokens: 0, divided: 0, warnings: new Set() };
      const parts = batches(all);
      const start = performance.now();
      let done = 0;
      while (parts.length > 0) {
        const part = parts.shift();
        if (part.length < all.length) {
          tell("Scoring: " + done.toLocaleString("en") + " of "
            + counted(all.length, "passage", "passages") + " …");
        }
        let found;
        try {
          found = await ask(query, part, signal);
        } catch (error) {
          // Too much for the server's limits of time or memory: half as many may not be.
          if (error.status !== 413 || part.length < 2) throw error;
          parts.unshift(part.slice(0, part.length >> 1), part.slice(part.length >> 1));
          continue;
        }
        const { answer, divided } = found;
        for (const pair of answer.data) {
          Object.assign(part[pair.index], { score: pair.score, isTruncated: pair.truncated === true });
        }
        done += part.length;
        result.tokens += answer.usage.total_tokens;
        result.divided += divided;
        (answer.warnings || []).forEach(text => result.warnings.add(text));
      }
      result.time = performance.now() - start;
      all.forEach((passage, at) => { passage.before = at; });
      result.order = [...all].sort((a, b) => b.score - a.score || a.before - b.before);
      result.order.forEach((passage, at) => { passage.after = at; });
      return result;
    }

    """#
}
