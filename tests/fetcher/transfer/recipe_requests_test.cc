#include "fetcher/transfer/recipe_requests.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

using thresh::FetchAuth;
using thresh::FetchJob;
using thresh::FetchRoute;
using thresh::HeaderList;
using thresh::RecipeRequests;
using thresh::Request;

namespace {

struct RecipeFixture {
  RecipeFixture() { ::setenv("THRESH_SECRET_KEY", "s3cret/value", 1); }

  RecipeRequests Requests(const std::string& more) {
    auto recipe = thresh::ParseRecipe("name = \"r\"\n" + more, "r.toml");
    REQUIRE_MESSAGE(recipe, recipe.error().detail);
    auto made = RecipeRequests::Of(*recipe, {"typed.example"}, secrets);
    REQUIRE_MESSAGE(made, made.error().detail);
    return std::move(*made);
  }
  FetchJob Job(const std::string& more, const Request* request = nullptr,
               const std::string& url = "http://a.example/x") {
    auto job = Requests(more).JobOf(url, request, secrets);
    REQUIRE_MESSAGE(job, job.error().detail);
    return std::move(*job);
  }
  std::string Failure(const std::string& more, const Request* request, const std::string& url) {
    const auto job = Requests(more).JobOf(url, request, secrets);
    return job ? job->url : job.error().reason;
  }

  thresh::Secrets secrets{""};
};

const std::string kItem = "[[items]]\nname = \"i\"\n[items.fields]\na = \"b\"\n";
const std::string kKeyed =
    kItem + "[[follow]]\ncss = \"a\"\nurl = \"http://api.example/q?v={value}&key={secret.key}\"\n";

}  // namespace

TEST_SUITE("RecipeRequests") {
  TEST_CASE_FIXTURE(RecipeFixture, "a plain recipe asks with GET and the defaults") {
    const FetchJob job = Job(kItem);
    CHECK(job.url == "http://a.example/x");
    CHECK(job.method == "GET");
    CHECK(job.headers.empty());
    CHECK(job.limits == thresh::FetchLimits{});
    CHECK(job.route->verify);
  }

  TEST_CASE_FIXTURE(RecipeFixture, "what [fetch] says is in the job") {
    const FetchJob job =
        Job("[fetch]\nconnect_timeout_ms = 1\nfirst_byte_timeout_ms = 2\ntimeout_ms = 3\n"
            "max_body_bytes = 4\nlow_speed_bytes_per_s = 5\nlow_speed_time_ms = "
            "6000\nmax_redirects = 7\n"
            "ip = \"v4\"\nhttp = \"1\"\nverify = false\nuser_agent = \"me\"\nbody = false\n"
            "proxy = \"http://127.0.0.1:3128\"\nheaders = { X-A = \"1\" }\n" +
            kItem);
    CHECK(job.limits.connect_timeout.count() == 1);
    CHECK(job.limits.first_byte_timeout.count() == 2);
    CHECK(job.limits.timeout.count() == 3);
    CHECK(job.limits.max_body_bytes == 4);
    CHECK(job.limits.low_speed_bytes == 5);
    CHECK(job.limits.low_speed_time.count() == 6000);
    CHECK(job.limits.max_redirects == 7);
    CHECK(job.route->ip == FetchRoute::Ip::k4);
    CHECK(job.route->http == FetchRoute::Http::k1);
    CHECK_FALSE(job.route->verify);
    CHECK(job.route->user_agent == "me");
    CHECK(job.route->proxy == "http://127.0.0.1:3128");
    CHECK(job.method == "HEAD");
    CHECK(job.headers == HeaderList{{"x-a", "1"}});
  }

  TEST_CASE_FIXTURE(RecipeFixture, "private places are those of the recipe and those given") {
    const FetchJob job = Job("[fetch]\nallow_private = [\"10.0.0.0/8\"]\n" + kItem);
    const auto may = [&](const char* host, const char* address) {
      return job.route->guard.MayConnect(host, *thresh::AddressOf(address));
    };
    CHECK(may("x", "10.1.1.1"));
    CHECK(may("typed.example", "127.0.0.1"));
    CHECK_FALSE(may("x", "127.0.0.1"));
  }

  TEST_CASE_FIXTURE(RecipeFixture,
                    "a request's own method, headers and body go over the recipe's") {
    const Request request{.method = "PUT", .headers = {{"x-a", "2"}, {"x-b", "3"}}, .body = "{{x}"};
    const FetchJob job = Job("[fetch]\nheaders = { X-A = \"1\" }\n" + kItem, &request);
    CHECK(job.method == "PUT");
    CHECK(job.headers == HeaderList{{"x-a", "2"}, {"x-b", "3"}});
    CHECK(job.body == "{{x}");
    CHECK(job.credentials.empty());
  }

  TEST_CASE_FIXTURE(RecipeFixture, "auth and headers may be secrets, and stay with their origin") {
    const FetchJob bearer =
        Job("[fetch]\nauth = { bearer = \"{secret.key}\" }\nheaders = { X-Key = "
            "\"k {secret.key}\" }\n" +
            kItem);
    CHECK(bearer.headers ==
          HeaderList{{"x-key", "k s3cret/value"}, {"authorization", "Bearer s3cret/value"}});
    CHECK(bearer.credentials == std::vector<std::string>{"x-key"});
    const FetchJob digest =
        Job("[fetch]\nauth = { digest = [\"me\", \"{secret.key}\"] }\n" + kItem);
    CHECK(digest.auth.kind == FetchAuth::Kind::kDigest);
    CHECK(digest.auth.user == "me");
    CHECK(digest.auth.password == "s3cret/value");
  }

  TEST_CASE_FIXTURE(RecipeFixture, "a secret goes only where a template of the recipe sends it") {
    const Request request{.templated = true};
    CHECK(Failure(kKeyed, &request, "http://api.example/q?v=1&key={secret.key}") ==
          "http://api.example/q?v=1&key=s3cret%2Fvalue");
    CHECK(Failure(kKeyed, &request, "http://evil.example/q?v=1&key={secret.key}") == "secret");
    CHECK(Failure(kKeyed, &request, "http://api.example/q?v=1&key={secret.other}") == "secret");
    CHECK(Failure(kKeyed, nullptr, "http://api.example/q?v={secret.key}") ==
          "http://api.example/q?v={secret.key}");
  }

  TEST_CASE_FIXTURE(RecipeFixture, "a secret that a server sends back is not shown") {
    const RecipeRequests requests = Requests(kKeyed);
    CHECK(requests.WithoutSecrets("http://b/?k=s3cret%2Fvalue&s3cret/value", secrets) ==
          "http://b/?k={secret.key}&{secret.key}");
  }

  TEST_CASE_FIXTURE(RecipeFixture, "a secret that is not there is said to be so") {
    auto recipe = thresh::ParseRecipe(
        "name = \"r\"\n[fetch]\nauth = { bearer = \"{secret.none}\" }\n" + kItem, "r.toml");
    REQUIRE(recipe);
    const auto made = RecipeRequests::Of(*recipe, {}, secrets);
    REQUIRE_FALSE(made);
    CHECK(std::string(made.error().reason) == "secret");
  }

  TEST_CASE_FIXTURE(RecipeFixture, "a job that was redirected here is made one of ours") {
    const Request request{.headers = {{"x-asked", "q"}}};
    FetchJob job =
        Job("[fetch]\nheaders = { x-before = \"b\", accept = \"a\" }\ntimeout_ms = 5\n" + kItem,
            &request);
    job.headers.emplace_back("if-none-match", "\"e\"");
    job.url = "http://b.example/there";
    const RecipeRequests there = Requests(
        "[fetch]\nheaders = { accept = \"c\", x-key = \"{secret.key}\" }\ntimeout_ms = 7\n"
        "auth = { basic = [\"u\", \"p\"] }\nproxy = \"http://proxy.example:3128\"\n" +
        kItem);
    there.Adopt(&request, &job);
    CHECK(job.url == "http://b.example/there");
    CHECK(job.headers == HeaderList{{"accept", "c"},
                                    {"x-key", "s3cret/value"},
                                    {"x-asked", "q"},
                                    {"if-none-match", "\"e\""}});
    CHECK(job.credentials == std::vector<std::string>{"x-key"});
    CHECK(job.auth.user == "u");
    CHECK(job.limits.timeout.count() == 7);
    CHECK(job.route->proxy == "http://proxy.example:3128");
  }
}
