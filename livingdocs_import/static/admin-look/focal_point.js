// A click on the picture of an entry fills the two fields of its focal point, and they move the ring. The fields are the truth.
"use strict";

document.querySelectorAll(".focal").forEach((picture) => {
    const fields = ["x", "y"].map((axis) => document.querySelector(`[data-focal=${axis}]`));
    if (!fields.every(Boolean)) {
        picture.classList.replace("focal", "whole");
        picture.querySelector("svg").remove();
        return;
    }
    const move = () => picture.querySelectorAll("circle").forEach((ring) => {
        ring.setAttribute("cx", `${Number(fields[0].value) || 0}%`);
        ring.setAttribute("cy", `${Number(fields[1].value) || 0}%`);
    });
    const percent = (part, whole) => String(Math.min(100, Math.max(0, Math.round(100 * part / whole))));
    fields.forEach((field) => field.addEventListener("input", move));
    if (fields.every((field) => field.value)) move();
    picture.addEventListener("click", (event) => {
        const place = picture.getBoundingClientRect();
        fields[0].value = percent(event.clientX - place.left, place.width);
        fields[1].value = percent(event.clientY - place.top, place.height);
        move();
    });
});
