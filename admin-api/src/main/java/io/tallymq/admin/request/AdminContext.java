package io.tallymq.admin.request;

import io.tallymq.broker.Broker;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;

/** What every answer may look at. */
public record AdminContext(AdminConfig config, Broker broker, NodeStats stats, HeldRows held) {
    /**
     * A path that names a virtual host names one that exists.
     *
     * @throws RefusedException 404
     */
    public void requireVhost(ApiRequest request) {
        String vhost = request.variable("vhost");
        if (vhost != null && !broker.<Boolean>read(view -> view.vhosts().contains(vhost))) {
            throw RefusedException.notFound();
        }
    }

    /**
     * Before a command is written that nodes of older programs do not know: one of these would end at it.
     *
     * @param level that the cluster has to have
     * @param what it is for, with its verb: "messages are moved"
     * @throws RefusedException 400
     */
    public void requireLevel(int level, String what) {
        if (broker.read(BrokerView::level) < level) {
            throw RefusedException.badRequest(
                    what + " in clusters of level " + level + ": try again when all nodes are up and run this version");
        }
    }

    /** Who there is and who may do what, as this node has applied it. */
    public AccessView access() {
        return broker.access();
    }

    /** @throws RefusedException 404 when there is no such user */
    public User user(String name) {
        User u = access().user(name);
        if (u == null) {
            throw RefusedException.notFound();
        }
        return u;
    }

    /** @throws RefusedException 404 when there is no such virtual host, or not any more */
    public Vhost vhost(String name) {
        Vhost v = access().vhost(name);
        if (v == null || v.isGoing()) {
            throw RefusedException.notFound();
        }
        return v;
    }
}
