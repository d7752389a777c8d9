#pragma once

// Owners for libcurl's handles.

#include <memory>

#include <curl/curl.h>

namespace thresh {

struct CurlEasyFree {
  void operator()(CURL* h) const noexcept { curl_easy_cleanup(h); }
};
struct CurlMultiFree {
  void operator()(CURLM* h) const noexcept { curl_multi_cleanup(h); }
};
struct CurlListFree {
  void operator()(curl_slist* l) const noexcept { curl_slist_free_all(l); }
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyFree>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiFree>;
using CurlList = std::unique_ptr<curl_slist, CurlListFree>;

}  // namespace thresh
