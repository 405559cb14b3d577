/** Inputs that name a model, whatever the node is. Text encoders and LoRAs are left out: t5xxl is not SDXL. */
const MODEL_INPUT = /^(ckpt|unet|vae|diffusion_model)(_name)?$/;
/** The same of loaders. Other nodes call so the language model that writes their texts, or an upscaler. */
const LOADER_INPUT = /^(model|gguf)(_name)?$/;
const LOADER = /load/i;
/** Loaders of what may be called after any family. */
const OTHER_LOADER =
  /(?<!un)clip|text_?enc|lora|control|adapter|style|upscale|upsampl|load[\W_]*(image|latent|mask|video|audio)|(image|latent|mask|video|audio)s?[\W_]*load/i;
/** Nodes that read pictures or write texts. The capitals matter: LTXVLoader is not a VL. */
const LANGUAGE = /VL(?![a-z])|VQA|LLM|GPT|[Cc]aption|[Oo]llama|[Ll]lava|[Ff]lorence|[Pp]rompt/;
const ENCODER_LOADER = /clip.*load|load.*clip/i;
/** Nodes that exist for one family only, by the beginning of their type. */
const TELLING =
  /flux2|^(Empty|Image|Text|TextEncode|Nunchaku)?(Wan|Qwen_?Image|Hunyuan|Cosmos|LTXV|Mochi|StableCascade|Sana|ACEStep|AceStep)/i;
/** Inputs for texts, pictures and what else has no family. `latent_image` is a latent. */
const SIDE_INPUT =
  /text|string|prompt|caption|pixels|(?<!latent_)image|mask|upscale|control_net|clip_vision|style_model|audio/i;
/** The same by the types that links have in the editor. */
const SIDE_LINK =
  /^(STRING|IMAGE|MASK|UPSCALE_MODEL|CONTROL_NET|CLIP_VISION\w*|STYLE_MODEL|AUDIO|INT|FLOAT)$/;
const MODEL_FILE = /\.(safetensors|sft|ckpt|gguf|pth?|bin)$/i;

/** Does the node load diffusion models or their VAEs? */
export function isModelLoader(type: string): boolean {
  return LOADER.test(type) && !OTHER_LOADER.test(type) && !LANGUAGE.test(type);
}

export function isEncoderLoader(type: string): boolean {
  return ENCODER_LOADER.test(type);
}

/** The words of a node's type, where these alone say the family; else nothing. */
export function tellingWords(type: string): string[] {
  if (!TELLING.test(type) || LANGUAGE.test(type)) return [];
  return [type.replace(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')];
}

/** Does this input of such a node name the model of the latent? */
export function namesModel(type: string, input: string): boolean {
  return MODEL_INPUT.test(input) || (LOADER_INPUT.test(input) && isModelLoader(type));
}

/** A loader's other texts, such as its prompt, have spaces and are not files. */
export function looksLikeModelName(text: string): boolean {
  return MODEL_FILE.test(text) || !/\s/.test(text);
}

/** Does the input lead away from the latent and its model? */
export function isSideInput(input: string): boolean {
  return SIDE_INPUT.test(input);
}

export function isSideLink(type: unknown): boolean {
  return typeof type === 'string' && SIDE_LINK.test(type);
}
