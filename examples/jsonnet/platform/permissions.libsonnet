{
  builtin: 1,
  google: {
    '*': { viewers: ['roles/browser'] },
    'redis.googleapis.com': {
      viewers: ['roles/redis.viewer'],
      operators: ['roles/redis.editor'],
      admins: ['roles/redis.admin'],
    },
  },
}
