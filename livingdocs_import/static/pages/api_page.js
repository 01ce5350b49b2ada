// Shows the OpenAPI document of the chosen version; the address keeps the choice: /api/?version=2026-01

// Swagger UI has a dark scheme, which a class of the page switches on.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const choice = document.getElementById("version");

function show() {
    const address = `/api/${choice.value}/openapi.json`;
    document.getElementById("document").href = address;
    SwaggerUIBundle({
        dom_id: "#api",
        url: address,
        deepLinking: true,
        docExpansion: "list",
        defaultModelsExpandDepth: -1,
        persistAuthorization: false,
        validatorUrl: null,
    });
}

function restore() {
    const asked = new URLSearchParams(location.search).get("version");
    choice.value = [...choice.options].some((option) => option.value === asked) ? asked : choice.options[0].value;
    show();
}

choice.addEventListener("change", () => {
    history.pushState(null, "", `?version=${encodeURIComponent(choice.value)}`);
    show();
});
addEventListener("popstate", restore);
restore();
