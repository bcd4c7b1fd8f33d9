/// The script of reports, which makes tables sortable; without it they have the order of the file.
package enum PageScript {
  package static let code = #"""

    "use strict";
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
      const key = (row, column) => {
        const cell = row.cells[column];
        return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
      };
      heads.forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
          const up = head.getAttribute("aria-sort") === "descending";
          for (const other of heads) other.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", up ? "ascending" : "descending");
          const order = (a, b) => typeof a === "number" && typeof b === "number"
            ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});
          const rows = [...body.rows].map(row => [key(row, column), row]);
          rows.sort((a, b) => (up ? 1 : -1) * order(a[0], b[0]));
          body.append(...rows.map(row => row[1]));
        });
      });
    }
    addEventListener("beforeprint", () => {
      for (const part of document.querySelectorAll("details")) part.open = true;
    });

    """#
}
