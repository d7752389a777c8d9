#include "lib/recipe/recipe.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "lib/io/file.h"
#include "lib/text/json.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

constexpr std::string_view kPageRecipe = R"toml(name = "page"
[[items]]
name = "page"
[items.fields]
url = { url = true }
status = { status = true, type = "integer" }
title = "title:not(svg|title)"
description = { css = "meta[name=description i]::attr(content)" }
links = { css = "a[href]::attr(href), area[href]::attr(href)", type = "url", many = true }
)toml";

// Of XML, what stands in the elements of https://www.sitemaps.org/protocol.html, RSS and Atom; of
// text, its lines; of robots.txt, those that name sitemaps.
constexpr std::string_view kSitemapRecipe = R"toml(name = "sitemap"
allow = ["http://*", "https://*"]
keep_links = false
[[follow]]
xpath = "//*:sitemap/*:loc/text()"
recipe = "sitemap"
[[follow]]
match = ["*/robots.txt"]
xpath = "string(//html)"
pipe = [["re_all", '(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)']]
recipe = "sitemap"
[[follow]]
any = [
  { xpath = "//*:url/*:loc/text()" },
  { xpath = "//*:item/*:link/text() | //*:item[not(*:link)]/*:guid[not(@isPermaLink='false')]/text()" },
  { xpath = "//*:entry/*:link[not(@rel) or @rel='alternate']/@href" },
  { xpath = "string(//html)", pipe = [["re_all", '(?im)^[ \t]*(https?://\S+)[ \t]*\r?$']] },
]
)toml";

std::vector<std::string> RecipeFolders(std::vector<std::string> folders) {
  if (const char* named = std::getenv("THRESH_RECIPES")) {
    std::string_view rest = named;
    while (!rest.empty()) {
      const std::size_t colon = rest.find(':');
      folders.emplace_back(rest.substr(0, colon));
      rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    }
  }
  folders.emplace_back("/etc/thresh/recipes");
  const std::filesystem::path program = ProgramFolder();
  folders.push_back((program / "../share/thresh/recipes").lexically_normal().string());
  folders.push_back((program / "../../recipes").lexically_normal().string());     // A build tree's,
  folders.push_back((program / "../../../recipes").lexically_normal().string());  // a preset's.
  return folders;
}

bool IsPath(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".toml");
}

}  // namespace

void AppendJsonScalar(const Scalar& value, std::string* out) {
  struct Visitor {
    std::string* out;
    void operator()(const std::string& v) const { AppendJsonString(v, out); }
    void operator()(std::int64_t v) const { *out += std::to_string(v); }
    void operator()(double v) const { AppendJsonNumber(v, out); }
    void operator()(bool v) const { *out += v ? "true" : "false"; }
  };
  std::visit(Visitor{out}, value);
}

namespace {

// `; did you mean "NAME"?` of the recipes in the folders and of those built in.
std::string NearestRecipe(const std::string& name, const std::vector<std::string>& folders) {
  std::vector<std::string> names{"page", "sitemap"};
  for (const std::string& folder : folders) {
    std::error_code error;
    std::filesystem::directory_iterator at(folder, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
      if (at->path().extension() == ".toml") names.push_back(at->path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());  // A folder's order is no order.
  return DidYouMean(name, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

Result<RecipeFile> FindRecipe(const std::string& name, const std::vector<std::string>& named) {
  if (IsPath(name)) {
    Result<std::string> text = ReadWholeFile(name);
    if (!text) return text.error();
    return RecipeFile{name, std::move(*text)};
  }
  std::string looked;
  const std::vector<std::string> folders = RecipeFolders(named);
  for (const std::string& folder : folders) {
    std::string path = folder;
    path.append("/").append(name).append(".toml");
    if (Result<std::string> text = ReadWholeFile(path)) return RecipeFile{path, std::move(*text)};
    looked += looked.empty() ? folder : ", " + folder;
  }
  if (name == "page") return RecipeFile{"page", std::string(kPageRecipe)};
  if (name == "sitemap") return RecipeFile{"sitemap", std::string(kSitemapRecipe)};
  return Error{Errc::kNotFound, "no recipe named \"" + name + "\" in " + looked +
                                    NearestRecipe(name, folders) +
                                    "; a file is named with its path, as ./" + name + ".toml"};
}

Result<Recipe> LoadRecipe(const std::string& name, const std::vector<Override>& overrides) {
  const Result<RecipeFile> file = FindRecipe(name);
  if (!file) return file.error();
  return ParseRecipe(file->text, file->path, overrides);
}

}  // namespace thresh
