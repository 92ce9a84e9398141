// Circular doubly linked lists whose links live in the objects they join. A head that points to itself is
// empty.
#pragma once

#include <linux/kernel.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LIST_HEAD_INIT(name) \
  { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head* list) { list->next = list->prev = list; }
static inline bool list_empty(const struct list_head* head) { return head->next == head; }

static inline void list_link_(struct list_head* entry, struct list_head* before, struct list_head* after) {
  after->prev = entry;
  entry->next = after;
  entry->prev = before;
  before->next = entry;
}
// Puts `entry` first.
static inline void list_add(struct list_head* entry, struct list_head* head) {
  list_link_(entry, head, head->next);
}
// Puts `entry` last.
static inline void list_add_tail(struct list_head* entry, struct list_head* head) {
  list_link_(entry, head->prev, head);
}
// Takes `entry` out; its own links stay as they were.
static inline void list_del(struct list_head* entry) {
  entry->next->prev = entry->prev;
  entry->prev->next = entry->next;
}
static inline void list_del_init(struct list_head* entry) {
  list_del(entry);
  INIT_LIST_HEAD(entry);
}
static inline void list_move(struct list_head* entry, struct list_head* head) {
  list_del(entry);
  list_add(entry, head);
}
static inline void list_move_tail(struct list_head* entry, struct list_head* head) {
  list_del(entry);
  list_add_tail(entry, head);
}

#define list_entry(link, type, member) container_of(link, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_for_each(link, head) for ((link) = (head)->next; (link) != (head); (link) = (link)->next)
#define list_for_each_entry(at, head, member)                                             \
  for ((at) = list_first_entry(head, __typeof__(*(at)), member); &(at)->member != (head); \
       (at) = list_entry((at)->member.next, __typeof__(*(at)), member))
// `following` keeps the next entry, so that `at` may be taken out.
#define list_for_each_entry_safe(at, following, head, member)                 \
  for ((at) = list_first_entry(head, __typeof__(*(at)), member),              \
      (following) = list_entry((at)->member.next, __typeof__(*(at)), member); \
       &(at)->member != (head);                                               \
       (at) = (following), (following) = list_entry((following)->member.next, __typeof__(*(at)), member))

#ifdef __cplusplus
}
#endif
