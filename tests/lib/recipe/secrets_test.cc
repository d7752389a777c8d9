#include "lib/recipe/secrets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;

namespace {

// A folder of secrets, and the places that the environment names.
class SecretPlaces {
 public:
  SecretPlaces() {
    std::string name = "/tmp/thresh_secrets.XXXXXX";
    folder = mkdtemp(name.data());
    credentials = folder + "/credentials";
    std::filesystem::create_directory(credentials);
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("THRESH_SECRET_API_KEY");
  }
  ~SecretPlaces() {
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("THRESH_SECRET_API_KEY");
    std::filesystem::remove_all(folder);
  }
  SecretPlaces(const SecretPlaces&) = delete;
  SecretPlaces& operator=(const SecretPlaces&) = delete;

  static void Put(const std::string& path, const std::string& value, mode_t mode = 0600) {
    std::ofstream(path, std::ios::binary) << value;
    chmod(path.c_str(), mode);
  }
  void Keep(const std::string& name, const std::string& value) const {
    Put(folder + "/" + name, value);
  }
  [[nodiscard]] std::string Value(const std::string& name = "api-key") const {
    const Secrets secrets(folder);
    const auto value = secrets.Find(name);
    return value ? std::string(*value) : "error: " + value.error().detail;
  }

  std::string folder, credentials;
};

Recipe Api() {
  return Parsed({"name = \"r\"", "[fetch]", "headers = { a = \"{secret.h}\" }",
                 "proxy = \"http://u:{secret.p}@x:1\"", "auth = { bearer = \"{secret.t}\" }",
                 "[[start]]", "url = \"https://API.example.com:443/a/../v1/?k={secret.api-key}\"",
                 "[[follow]]", "css = \"a\"", "url = \"https://b.example.com/{value}\"",
                 "body = \"{secret.b}\""});
}

std::string Filled(const SecretPlaces& places, const std::string& text,
                   SecretQuoting quoting = SecretQuoting::kRaw) {
  const Secrets secrets(places.folder);
  const auto filled = FillSecrets(text, quoting, secrets);
  REQUIRE_MESSAGE(filled.ok(), filled.error().detail);
  return *filled;
}

}  // namespace

TEST_SUITE("Secrets") {
  TEST_CASE("the service's credentials go before the folder, that before the environment") {
    const SecretPlaces places;
    setenv("THRESH_SECRET_API_KEY", "from environment", 1);
    CHECK(places.Value() == "from environment");
    places.Keep("api-key", "from folder\n");
    CHECK(places.Value() == "from folder");
    setenv("CREDENTIALS_DIRECTORY", places.credentials.c_str(), 1);
    CHECK(places.Value() == "from folder");
    SecretPlaces::Put(places.credentials + "/api-key", "from credentials\r\n", 0444);
    CHECK(places.Value() == "from credentials");
  }

  TEST_CASE("one line end is cut, no more") {
    const SecretPlaces places;
    places.Keep("api-key", "a b\n\n");
    CHECK(places.Value() == "a b\n");
  }

  TEST_CASE("what is nowhere is told with the places looked at") {
    const SecretPlaces places;
    CHECK(places.Value() == "error: secret \"api-key\" is in none of " + places.folder +
                                "/api-key, $THRESH_SECRET_API_KEY");
    CHECK(Secrets(places.folder).Find("api-key").error().code == Errc::kNotFound);
    CHECK(std::string(Secrets(places.folder).Find("api-key").error().reason) == "secret");
  }

  TEST_CASE("a file that others may read, an empty one and a huge one are refused") {
    const SecretPlaces places;
    setenv("THRESH_SECRET_API_KEY", "never", 1);
    SecretPlaces::Put(places.folder + "/api-key", "x", 0644);
    CHECK(places.Value().find("others may read") != std::string::npos);
    CHECK(places.Value().find("chmod 600") != std::string::npos);
    SecretPlaces::Put(places.folder + "/api-key", "\n", 0600);
    CHECK(places.Value().find("found nothing") != std::string::npos);
    SecretPlaces::Put(places.folder + "/api-key", std::string(70'000, 'x'), 0600);
    CHECK(places.Value().find("at most 65536 bytes") != std::string::npos);
    std::filesystem::remove(places.folder + "/api-key");
    std::filesystem::create_directory(places.folder + "/api-key");
    CHECK(places.Value().find("expected a file") != std::string::npos);
  }

  TEST_CASE("a name cannot leave the folder") {
    const SecretPlaces places;
    for (const std::string name : {"../x", "a/b", "..", "", "a.b"}) {
      CHECK(places.Value(name).starts_with("error: "));
    }
  }

  TEST_CASE("a value that was read stays") {
    const SecretPlaces places;
    places.Keep("api-key", "one");
    const Secrets secrets(places.folder);
    CHECK(*secrets.Find("api-key") == "one");
    places.Keep("api-key", "two");
    CHECK(*secrets.Find("api-key") == "one");
  }
}

TEST_SUITE("SecretRules") {
  TEST_CASE("all names of a recipe are known, in whatever part") {
    const auto names = SecretRules(Api()).names();
    CHECK(names == std::set<std::string>{"api-key", "b", "h", "p", "t"});
  }

  TEST_CASE("a secret may go where its template's URL begins") {
    const SecretRules rules(Api());
    CHECK(rules.Allows("api-key", "https://api.example.com/v1/?k=%7B"));
    CHECK_FALSE(rules.Allows("api-key", "https://api.example.com/v2/?k="));
    CHECK_FALSE(rules.Allows("api-key", "https://api.example.com.evil.example/v1/?k="));
    CHECK_FALSE(rules.Allows("api-key", "http://api.example.com/v1/?k="));
    CHECK_FALSE(rules.Allows("api-key", "https://b.example.com/x"));
    CHECK(rules.Allows("b", "https://b.example.com/x"));
    CHECK_FALSE(rules.Allows("h", "https://b.example.com/x"));
    CHECK_FALSE(rules.Allows("unknown", "https://b.example.com/x"));
  }
}

TEST_SUITE("FillSecrets") {
  TEST_CASE("each name gets its value, each double brace is one") {
    const SecretPlaces places;
    places.Keep("k", "a&b\"{c}");
    CHECK(Filled(places, "x={secret.k};{{y}}{z}") == "x=a&b\"{c};{y}}{z}");
    CHECK(Filled(places, "{\"k\":\"{secret.k}\"}", SecretQuoting::kJson) ==
          "{\"k\":\"a&b\\\"{c}\"}");
    CHECK(Filled(places, "http://x/?k={secret.k}", SecretQuoting::kUrl) ==
          "http://x/?k=a%26b%22%7Bc%7D");
    CHECK(Filled(places, "http://x/?k={+secret.k}", SecretQuoting::kUrl) == "http://x/?k=a&b\"{c}");
  }

  TEST_CASE("percent-encoded braces are page data, never a place") {
    const SecretPlaces places;
    places.Keep("k", "v");
    for (const std::string url : {"http://x/%7Bsecret.k%7D", "http://x/?a=%7Bsecret.k%7D"}) {
      CHECK(Filled(places, url, SecretQuoting::kUrl) == url);
    }
    CHECK(Filled(places, "http://x/{{secret.k}", SecretQuoting::kUrl) == "http://x/%7Bsecret.k}");
  }

  TEST_CASE("a value is not looked into again") {
    const SecretPlaces places;
    places.Keep("k", "{secret.k}{{");
    CHECK(Filled(places, "{secret.k}") == "{secret.k}{{");
  }

  TEST_CASE("what is no place stays") {
    const SecretPlaces places;
    for (const std::string text : {"", "{", "}", "{secret.", "{secret.}", "{secret.k", "{Secret.k}",
                                   "{secret.a.b}", "%", "%7B", "{value}"}) {
      CHECK(Filled(places, text) == text);
      CHECK(Filled(places, text, SecretQuoting::kUrl) == text);
    }
  }

  TEST_CASE("a text of [fetch]") {
    const SecretPlaces places;
    places.Keep("t", "token");
    const Secrets secrets(places.folder);
    const Recipe recipe = Api();
    CHECK(*FillSecrets(*recipe.fetch.auth.token, secrets) == "token");
    CHECK_FALSE(FillSecrets(recipe.fetch.headers[0].second, secrets).ok());
    places.Keep("h", "a\r\nb: c");
    CHECK_FALSE(FillSecrets(recipe.fetch.headers[0].second, secrets).ok());
  }
}

TEST_SUITE("CanonicalTemplate") {
  TEST_CASE("the URL is canonical, its places are as they were") {
    CHECK(*CanonicalTemplate("HTTPS://Example.com:443/a/../{secret.k}/ü?x={+secret.k}&y={z}#f") ==
          "https://example.com/{secret.k}/%C3%BC?x={+secret.k}&y={z}");
    CHECK(*CanonicalTemplate("http://x/0secret00x{secret.k}") == "http://x/0secret00x{secret.k}");
    CHECK(*CanonicalTemplate("http://x/{secret.a}{secret.b}/%7Bsecret.c%7D") ==
          "http://x/{secret.a}{secret.b}/%7Bsecret.c%7D");
    CHECK(*CanonicalTemplate("http://x/{secret.a}/../b") == "http://x/b");
  }

  TEST_CASE("it is the same again") {
    const std::string once = *CanonicalTemplate("http://x/a {secret.k}?{secret.k} b");
    CHECK(*CanonicalTemplate(once) == once);
  }

  TEST_CASE("a place in a host or in credentials is refused, as is no URL") {
    for (const std::string url :
         {"http://{secret.k}/", "http://x{secret.k}/", "http://u:{secret.k}@x/", "/{secret.k}",
          "ftp://x/{secret.k}", "{secret.k}"}) {
      CHECK_MESSAGE(!CanonicalTemplate(url).ok(), url);
    }
  }
}

TEST_SUITE("FillRequest") {
  TEST_CASE("URL, headers and body get their values, JSON quoted as such") {
    const SecretPlaces places;
    places.Keep("api-key", "\"&");
    const Secrets secrets(places.folder);
    SecretRequest request{"https://api.example.com/v1/?k={secret.api-key}",
                          {{"x", "{{{secret.api-key}"}, {"content-type", "application/json"}},
                          R"({{"k":"{secret.api-key}"})"};
    REQUIRE(FillRequest(SecretRules(Api()), secrets, &request).ok());
    CHECK(request.url == "https://api.example.com/v1/?k=%22%26");
    CHECK(request.headers[0].second == "{\"&");
    CHECK(request.body == R"({"k":"\"&"})");
  }

  TEST_CASE("no secret goes to another host, in whatever part") {
    const SecretPlaces places;
    places.Keep("api-key", "value");
    const Secrets secrets(places.folder);
    const SecretRules rules(Api());
    for (SecretRequest request :
         {SecretRequest{"https://evil.example/?k={secret.api-key}", {}, ""},
          SecretRequest{"https://evil.example/{+secret.api-key}", {}, ""},
          SecretRequest{"https://evil.example/", {{"a", "{secret.api-key}"}}, ""},
          SecretRequest{"https://evil.example/", {}, "{secret.api-key}"}}) {
      const auto done = FillRequest(rules, secrets, &request);
      REQUIRE_FALSE(done.ok());
      CHECK(std::string(done.error().reason) == "secret");
      CHECK(done.error().detail.find("value") == std::string::npos);
    }
  }
}
