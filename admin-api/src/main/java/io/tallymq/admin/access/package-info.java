/** Users, virtual hosts, permissions, limits, policies, parameters, and who changed what. */
package io.tallymq.admin.access;
