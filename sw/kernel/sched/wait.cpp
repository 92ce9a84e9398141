// Wait queues and completions.
#include <linux/completion.h>
#include <linux/sched.h>

namespace memio {
namespace {

constexpr unsigned kDoneForEver = ~0u;

// With the queue's lock held: all zeroes stands for an empty list.
list_head* waiters(wait_queue_head_t* queue) {
  if (queue->task_list.next == nullptr) INIT_LIST_HEAD(&queue->task_list);
  return &queue->task_list;
}

}  // namespace

extern "C" void init_waitqueue_head(wait_queue_head_t* queue) {
  spin_lock_init(&queue->lock);
  INIT_LIST_HEAD(&queue->task_list);
}

extern "C" void add_wait_queue(wait_queue_head_t* queue, wait_queue_t* entry) {
  unsigned long flags;
  spin_lock_irqsave(&queue->lock, flags);
  list_add_tail(&entry->task_list, waiters(queue));
  spin_unlock_irqrestore(&queue->lock, flags);
}

extern "C" void remove_wait_queue(wait_queue_head_t* queue, wait_queue_t* entry) {
  unsigned long flags;
  spin_lock_irqsave(&queue->lock, flags);
  list_del(&entry->task_list);
  entry->task_list.next = nullptr;
  spin_unlock_irqrestore(&queue->lock, flags);
}

extern "C" void prepare_to_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry, int state) {
  if (entry->task_list.next == nullptr) add_wait_queue(queue, entry);
  set_current_state(state);
}

extern "C" void finish_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry) {
  set_current_state(TASK_RUNNING);
  if (entry->task_list.next != nullptr) remove_wait_queue(queue, entry);
}

// The tasks leave the queue themselves.
extern "C" void wake_up(wait_queue_head_t* queue) {
  unsigned long flags;
  spin_lock_irqsave(&queue->lock, flags);
  wait_queue_entry_t* entry;
  list_for_each_entry(entry, waiters(queue), task_list) wake_up_process(entry->task);
  spin_unlock_irqrestore(&queue->lock, flags);
}

extern "C" bool try_wait_for_completion(completion* completion) {
  unsigned long flags;
  spin_lock_irqsave(&completion->wait.lock, flags);
  const bool done = completion->done != 0;
  if (done && completion->done != kDoneForEver) completion->done--;
  spin_unlock_irqrestore(&completion->wait.lock, flags);
  return done;
}

extern "C" void complete(completion* completion) {
  unsigned long flags;
  spin_lock_irqsave(&completion->wait.lock, flags);
  if (completion->done != kDoneForEver) completion->done++;
  spin_unlock_irqrestore(&completion->wait.lock, flags);
  wake_up(&completion->wait);
}

extern "C" void complete_all(completion* completion) {
  completion->done = kDoneForEver;
  wake_up(&completion->wait);
}

extern "C" void wait_for_completion(completion* completion) {
  wait_event(completion->wait, try_wait_for_completion(completion));
}

extern "C" unsigned long wait_for_completion_timeout(completion* completion, unsigned long ticks) {
  const long left =
      wait_event_timeout(completion->wait, try_wait_for_completion(completion), static_cast<long>(ticks));
  return static_cast<unsigned long>(left);
}

}  // namespace memio
