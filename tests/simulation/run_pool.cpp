#include "simulation/run_pool.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::simulation {
namespace {

using Clock = std::chrono::steady_clock;

// What a child tells: kind, number, length of the text, text.
struct Message {
  enum class Kind : std::uint32_t { task, run, failure, probe } kind;
  std::uint32_t text_bytes;
  std::uint64_t number;  // of the task; a probe's hits
};

void send(int pipe, Message::Kind kind, std::uint64_t number, const std::string& text = {}) {
  const Message head{kind, static_cast<std::uint32_t>(text.size()), number};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes += text;
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(pipe, bytes.data() + done, bytes.size() - done);
    if (n < 0) std::_Exit(1);  // nobody listens any more
    done += static_cast<std::size_t>(n);
  }
}

// Children that each stay on a processor of their own do not fight for the same one.
void take_processor(unsigned worker) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  unsigned skip = worker % static_cast<unsigned>(CPU_COUNT(&allowed));
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

[[noreturn]] void child(int pipe, unsigned worker, std::uint64_t first, const PoolOptions& options,
                        const Task& task) {
  take_processor(worker);
  for (std::uint64_t number = first; number < options.tasks; number += options.jobs) {
    send(pipe, Message::Kind::task, number);
    const std::string failure =
        task(number, [&](const std::string& run) { send(pipe, Message::Kind::run, number, run); });
    if (!failure.empty()) send(pipe, Message::Kind::failure, number, failure);
  }
  for (const base::Probe* probe : base::Probe::all())
    send(pipe, Message::Kind::probe, probe->count(), probe->name());
  std::exit(0);
}

struct Worker {
  unsigned index = 0;
  pid_t pid = -1;
  int pipe = -1;  // −1: not running
  std::string received;
  std::uint64_t task = 0;  // what it is at
  std::string run;
  bool failure_told = false;  // of that task
  Clock::time_point last_heard;
};

class Pool {
 public:
  Pool(const PoolOptions& options, const Task& task) : options_(options), task_(task) {
    for (unsigned i = 0; i < options_.jobs; ++i) {
      workers_.emplace_back().index = i;
      start(workers_.back(), i);
    }
  }

  PoolReport work() {
    while (wait_for_children()) {
    }
    return report_;
  }

 private:
  void start(Worker& worker, std::uint64_t first) {
    if (first >= options_.tasks) return;
    int ends[2];
    PLINTH_ASSERT(pipe(ends) == 0);
    std::fflush(nullptr);
    worker.pid = fork();
    PLINTH_ASSERT(worker.pid >= 0);
    if (worker.pid == 0) {
      close(ends[0]);
      child(ends[1], worker.index, first, options_, task_);
    }
    close(ends[1]);
    worker.pipe = ends[0];
    worker.received.clear();
    worker.task = first;
    worker.run.clear();
    worker.failure_told = false;
    worker.last_heard = Clock::now();
  }

  // False when none is left.
  bool wait_for_children() {
    std::vector<pollfd> polled;
    std::vector<Worker*> owners;
    for (Worker& worker : workers_) {
      if (worker.pipe < 0) continue;
      polled.push_back({worker.pipe, POLLIN, 0});
      owners.push_back(&worker);
    }
    if (polled.empty()) return false;
    poll(polled.data(), polled.size(), 1000);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0)
        receive(*owners[i]);
      else if (Clock::now() - owners[i]->last_heard >
               std::chrono::seconds(options_.seconds_per_run_max))
        kill(owners[i]->pid, SIGKILL);
    }
    if (report_.failures.size() >= options_.failures_max) stop();
    return true;
  }

  void receive(Worker& worker) {
    char buffer[65536];
    const ssize_t n = read(worker.pipe, buffer, sizeof buffer);
    if (n <= 0) return ended(worker);
    worker.last_heard = Clock::now();
    worker.received.append(buffer, static_cast<std::size_t>(n));
    Message head;
    while (worker.received.size() >= sizeof head) {
      std::memcpy(&head, worker.received.data(), sizeof head);
      if (worker.received.size() < sizeof head + head.text_bytes) return;
      handle(worker, head, worker.received.substr(sizeof head, head.text_bytes));
      worker.received.erase(0, sizeof head + head.text_bytes);
    }
  }

  void handle(Worker& worker, const Message& head, const std::string& text) {
    switch (head.kind) {
      case Message::Kind::task:
        worker.task = head.number;
        worker.failure_told = false;
        break;
      case Message::Kind::run:
        worker.run = text;
        ++report_.runs;
        break;
      case Message::Kind::failure:
        worker.failure_told = true;
        report_.failures.push_back({worker.run, text});
        break;
      case Message::Kind::probe:
        report_.probes[text] += head.number;
        break;
    }
  }

  void ended(Worker& worker) {
    close(worker.pipe);
    worker.pipe = -1;
    int status = 0;
    waitpid(worker.pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    if (stopping_) return;
    if (!worker.failure_told) report_.failures.push_back({worker.run, reason_of(worker, status)});
    if (report_.failures.size() < options_.failures_max) start(worker, worker.task + options_.jobs);
  }

  std::string reason_of(const Worker& worker, int status) const {
    if (!WIFSIGNALED(status))
      return "the process ended with exit status " + std::to_string(WEXITSTATUS(status));
    const bool hung =
        Clock::now() - worker.last_heard > std::chrono::seconds(options_.seconds_per_run_max);
    if (WTERMSIG(status) == SIGKILL && hung)
      return "no end within " + std::to_string(options_.seconds_per_run_max) +
             " s of real time: does a thread wait or run in a circle outside the seam?";
    return std::string("the process died of signal ") + strsignal(WTERMSIG(status));
  }

  void stop() {
    stopping_ = true;
    for (const Worker& worker : workers_)
      if (worker.pipe >= 0) kill(worker.pid, SIGKILL);
  }

  const PoolOptions options_;
  const Task& task_;
  PoolReport report_;
  bool stopping_ = false;
  std::vector<Worker> workers_;
};

}  // namespace

PoolReport run_pool(const PoolOptions& options, const Task& task) {
  return Pool(options, task).work();
}

}  // namespace plinth::simulation
