#include "fetcher/frontier/task_filter.h"

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/record_parts.h"

namespace thresh {

std::string TaskFilter::Encode() const {
  Encoder out;
  out.Text(recipe).Text(host).Text(label).Number(root_id).Number(urls.size());
  for (const std::string& url : urls) out.Text(url);
  return out.Take();
}

std::optional<TaskFilter> TaskFilter::Decode(std::string_view bytes) {
  Decoder in(bytes);
  TaskFilter filter;
  filter.recipe = in.Text();
  filter.host = in.Text();
  filter.label = in.Text();
  filter.root_id = in.Number();
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    filter.urls.emplace(in.Text());
  }
  return IfFinished(in, std::move(filter));
}

}  // namespace thresh
