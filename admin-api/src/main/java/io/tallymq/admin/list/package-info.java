/** Lists: pages, sorting, columns, filters by name. */
package io.tallymq.admin.list;
