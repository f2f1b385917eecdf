// The model of bare.mjs: OpenAI's Responses at $OPENAI_BASE_URL, streamed, and what it is shown of a message.

/** The pieces of the answer. One without its end is an error. */
export async function* ask(input, signal) {
  const instructions = 'You are a helpful assistant.';
  const response = await fetch(`${process.env.OPENAI_BASE_URL}/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
    body: JSON.stringify({ model: 'gpt-5-mini', instructions, input, stream: true, store: false }),
    signal,
  });
  if (!response.ok) throw new Error(`the model answered ${response.status}`);
  let rest = '', over = false;
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:') || line.includes('[DONE]')) continue;
      const event = JSON.parse(line.slice(5));
      if (event.type === 'response.output_text.delta') yield event.delta;
      if (event.type === 'response.failed' || event.type === 'error') throw new Error('the model broke off');
      if (event.type === 'response.completed') over = true;
    }
  }
  if (!over) throw new Error('the model broke off');
}

/** The parts of a message as content of Responses. */
export async function toContent(parts) {
  const content = [];
  for (const { text, data, file } of parts) {
    if (text?.trim()) content.push(words(text));
    if (data !== undefined) content.push(words(JSON.stringify(data)));
    if (file !== undefined) content.push(await toInput(file));
  }
  return content.length > 0 ? content : [words('(nothing)')];
}

async function toInput({ bytes, uri, name = 'file', mimeType = '' }) {
  const data = bytes ?? (uri ? Buffer.from(await (await fetch(uri)).arrayBuffer()).toString('base64') : '');
  const url = `data:${mimeType};base64,${data}`;
  if (mimeType.startsWith('image/')) return { type: 'input_image', image_url: url };
  if (mimeType === 'application/pdf') return { type: 'input_file', filename: name, file_data: url };
  return words(`File ${JSON.stringify(name)}:\n${Buffer.from(data, 'base64').toString() || '(empty)'}`);
}

const words = (text) => ({ type: 'input_text', text });
