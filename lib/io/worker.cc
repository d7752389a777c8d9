#include "lib/io/worker.h"

#include <cstdlib>
#include <future>
#include <utility>

namespace thresh {

struct Worker::Job {
  uv_work_t request{};
  std::function<void()> work, done;
  std::promise<void> ended;
  Worker* owner = nullptr;       // Null once nobody waits for it.
  std::shared_ptr<Job> in_pool;  // Keeps it alive until libuv lets go of the request.
};

Worker::~Worker() {
  if (!job_) return;
  job_->owner = nullptr;
  job_->ended.get_future().wait();
}

void Worker::Start(std::function<void()> work, std::function<void()> done) {
  if (job_) std::abort();
  job_ = std::make_shared<Job>();
  job_->work = std::move(work);
  job_->done = std::move(done);
  job_->owner = this;
  job_->in_pool = job_;
  job_->request.data = job_.get();
  if (uv_queue_work(&loop_, &job_->request, &OnWork, &OnDone) != 0) std::abort();
}

void Worker::Finish() {
  if (!job_) return;
  const std::shared_ptr<Job> job = std::exchange(job_, nullptr);
  job->owner = nullptr;
  job->ended.get_future().wait();
  job->done();
}

void Worker::OnWork(uv_work_t* request) noexcept {
  Job& job = *static_cast<Job*>(request->data);
  job.work();
  job.ended.set_value();
}

void Worker::OnDone(uv_work_t* request, int) noexcept {
  const std::shared_ptr<Job> job = std::move(static_cast<Job*>(request->data)->in_pool);
  if (job->owner == nullptr) return;
  job->owner->job_ = nullptr;
  job->done();
}

}  // namespace thresh
