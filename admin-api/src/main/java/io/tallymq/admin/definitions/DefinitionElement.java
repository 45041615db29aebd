package io.tallymq.admin.definitions;

import io.tallymq.broker.command.Command;

/**
 * A thing that an import makes.
 *
 * @param section of the file that it stands in
 * @param label how it is told of: its kind, name and virtual host
 */
record DefinitionElement(String section, String label, Command command) {}
