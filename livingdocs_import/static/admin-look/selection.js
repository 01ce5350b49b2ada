// Conveniences of the operator's pages, which work without them. No library, nothing inline.
"use strict";

const all = (css, root = document) => [...root.querySelectorAll(css)];

// <form data-selection>: a box for the whole page, and the number of chosen rows wherever [data-chosen] stands.
all("form[data-selection]").forEach((form) => {
    const boxes = all("[name=_selected_action]", form);
    const count = () => {
        const chosen = boxes.filter((box) => box.checked).length;
        all("[data-chosen]", form).forEach((place) => { place.textContent = chosen; });
    };
    form.addEventListener("change", (event) => {
        if (event.target.matches("[data-all]")) boxes.forEach((box) => { box.checked = event.target.checked; });
        count();
    });
    count();
});
