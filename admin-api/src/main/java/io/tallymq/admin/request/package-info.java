/** What every answer of the HTTP API works with: the request, who asks and what he sees, JSON, refusals. */
package io.tallymq.admin.request;
