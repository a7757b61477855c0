#include "remote/remote_chore.hpp"

#include <optional>
#include <utility>

namespace plinth::remote {
namespace {

using Sentences = std::vector<std::string>;

// What the thread that waits is told.
class News {
 public:
  void progressed(std::uint32_t millionths) {
    const base::Lock lock(mutex_);
    millionths_ = millionths;
    cond_.notify_one();
  }
  void ended(Sentences sentences, std::exception_ptr error) {
    const base::Lock lock(mutex_);
    ended_ = true;
    sentences_ = std::move(sentences);
    error_ = std::move(error);
    cond_.notify_one();
  }
  // How far the work is, when that has changed; nothing when it has ended.
  std::optional<double> next() {
    base::Lock lock(mutex_);
    while (!ended_ && !millionths_) cond_.wait(lock);
    if (ended_) return std::nullopt;
    return *std::exchange(millionths_, std::nullopt) / 1e6;
  }
  // Once it has ended.
  Sentences take() {
    const base::Lock lock(mutex_);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    return std::move(sentences_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar cond_;
  std::optional<std::uint32_t> millionths_;
  bool ended_ = false;
  Sentences sentences_;
  std::exception_ptr error_;
};

class PendingChore final : public Pending {
 public:
  explicit PendingChore(std::shared_ptr<News> news) : news_(std::move(news)) {}
  void progress(FieldReader& in) override {
    news_->progressed(read_fields<Progress>(in).millionths);
  }
  void part(FieldReader& in) override {
    const Texts texts(in);
    for (const ByteView text : texts.texts) sentences_.emplace_back(text);
  }
  void answer(FieldReader& in) override {
    part(in);
    in.end();
    news_->ended(std::move(sentences_), nullptr);
  }
  void fail(std::exception_ptr error) override { news_->ended({}, std::move(error)); }
  Error lost_error() const override {
    return Error(ErrorCode::connection_failed,
                 "The connection to the server was lost before it answered");
  }

 private:
  const std::shared_ptr<News> news_;
  Sentences sentences_;
};

}  // namespace

Sentences do_remote_chore(Link& link, MessageKind kind,
                          const std::function<bool(double)>& progress) {
  const auto news = std::make_shared<News>();
  const RequestId id = link.new_id();
  link.ask(kind, Nothing(), std::make_unique<PendingChore>(news), std::nullopt, id);
  bool stopped = false;
  while (const std::optional<double> fraction = news->next()) {
    if (stopped || !progress || progress(*fraction)) continue;
    stopped = true;
    link.cancel(id);
  }
  return news->take();
}

}  // namespace plinth::remote
