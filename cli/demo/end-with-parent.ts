/** Loaded before a child's own module: it ends in order when the process that started it is gone, however that was. */
process.once('disconnect', () => process.kill(process.pid, 'SIGINT'));
process.channel?.unref();
