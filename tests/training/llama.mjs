// Runs a GGUF in llama.cpp, for tests/training/test_llama.py. Arguments: folder of node_modules, model, questions.json
// ([{text}], text in chat markers). Prints one line of JSON: for each question its tokens, the greedy answer's tokens
// until llama.cpp itself says that the answer has ended (or 64 of them), and whether it ended.
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const [modules, file, questions] = process.argv.slice(2);
const place = createRequire(`${modules}/x.js`).resolve("node-llama-cpp");
const {getLlama, LlamaLogLevel} = await import(pathToFileURL(place).href);
const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});
const context = await model.createContext({contextSize: 512, batchSize: 512, threads: 1});
const sequence = context.getSequence();
const answers = [];
for (const {text} of JSON.parse(readFileSync(questions, "utf8"))) {
    await sequence.clearHistory();
    const tokens = model.tokenize(text, true);
    const written = [];
    let ended = false;
    for await (const token of sequence.evaluate(tokens, {temperature: 0, yieldEogToken: true})) {
        written.push(token);
        ended = model.isEogToken(token);
        if (ended || written.length >= 64) break;
    }
    answers.push({tokens: [...tokens], written, ended});
}
console.log(JSON.stringify({answers, eos: model.tokens.eos, architecture: model.fileInfo.metadata.general.architecture}));
process.exit(0);
