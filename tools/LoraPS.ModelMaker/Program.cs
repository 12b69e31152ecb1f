using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.ModelMaker;

const string usage = """
    Writes a Stable Diffusion model whose weights are random.

      --preset tiny|sd15       sizes of the networks (tiny)
      --destination PATH       the folder to write, or the file
      --single-file            one file in LDM naming instead of a diffusers folder; it holds no tokenizer
      --dtype f32|f16|bf16     type of the weights (f16)
      --seed N                 seed of the weights (1)
    """;

try
{
    var line = CommandLine.Parse(args, ["preset", "destination", "dtype", "seed"], ["single-file"]);
    if (!SafetensorsDTypes.TryParse(line.Text("dtype", "f16").ToUpperInvariant(), out var dtype) || !dtype.IsFloatingPoint())
        throw new ArgumentException($"--dtype must be f32, f16 or bf16, found {line.Text("dtype")}.");
    var preset = ModelPresets.Find(line.Text("preset", "tiny"));
    var weights = new RandomWeights(preset, line.Number("seed", 1));
    var destination = line.Text("destination");
    if (line.Has("single-file"))
        SingleFileWriter.Write(destination, weights, dtype);
    else
        DiffusersFolderWriter.Write(destination, weights, dtype);
    Console.WriteLine($"{destination}: {weights.Parameters.Sum(p => p.Count):N0} random weights in {weights.Parameters.Count} tensors.");
    return 0;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}{Environment.NewLine}{Environment.NewLine}{usage}");
    return 2;
}
catch (EngineException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
