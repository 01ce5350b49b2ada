// <div data-refresh="URL">: its content is fetched anew every ten seconds, while somebody looks and nothing in it has the focus.
"use strict";

const EVERY = 10000; // milliseconds
const PATIENCE = 8000; // for an answer

async function fetched(url) {
    const answer = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    // A redirect leads to the log-in: the page stays as it is, and says how old it is.
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    return answer.text();
}

function note(stale, since) {
    if (!stale) return;
    stale.hidden = !since;
    if (since) stale.querySelector("time").textContent = since.toLocaleTimeString();
}

document.querySelectorAll("[data-refresh]").forEach((part) => {
    const stale = document.querySelector("[data-stale]");
    let last = new Date();
    const isInUse = () => document.hidden || part.matches(":focus-within");
    const refresh = async () => {
        if (isInUse()) return;
        try {
            const text = await fetched(part.dataset.refresh);
            if (!isInUse()) part.innerHTML = text;
            last = new Date();
            note(stale, null);
        } catch {
            note(stale, last);
        }
    };
    setInterval(refresh, EVERY);
    document.addEventListener("visibilitychange", refresh);
});
