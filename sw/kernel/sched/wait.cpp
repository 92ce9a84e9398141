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
  const unsigned long flags = arch_local_irq_save();
  const bool done = completion->done != 0;
  if (done && completion->done != kDoneForEver) completion->done--;
  arch_local_irq_restore(flags);
  return done;
}

// Whoever sees it done may free it at once, so nothing else runs before the queue has been left alone.
extern "C" void complete(completion* completion) {
  const unsigned long flags = arch_local_irq_save();
  if (completion->done != kDoneForEver) completion->done++;
  wake_up(&completion->wait);
  arch_local_irq_restore(flags);
}

extern "C" void complete_all(completion* completion) {
  const unsigned long flags = arch_local_irq_save();
  completion->done = kDoneForEver;
  wake_up(&completion->wait);
  arch_local_irq_restore(flags);
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
