package io.tallymq.admin;

import io.tallymq.broker.Broker;

/** What every answer may look at. */
record AdminContext(AdminConfig config, Broker broker, NodeStats stats, HeldRows held) {
    /**
     * A path that names a virtual host names one that exists.
     *
     * @throws RefusedException 404
     */
    void requireVhost(ApiRequest request) {
        String vhost = request.variable("vhost");
        if (vhost != null && !broker.<Boolean>read(view -> view.vhosts().contains(vhost))) {
            throw RefusedException.notFound();
        }
    }
}
