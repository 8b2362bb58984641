export const run = async () => ({ parameters: {} });
