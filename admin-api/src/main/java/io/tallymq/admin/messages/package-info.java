/** Messages by hand: publish, get, schedules. */
package io.tallymq.admin.messages;
