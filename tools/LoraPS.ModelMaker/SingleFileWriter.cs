using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.ModelMaker;

/// <summary>Writes a model as one file in the naming of the original latent diffusion code (LDM).</summary>
public static class SingleFileWriter
{
    /// <summary>Writes the file, over one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="weights">Sizes and weights.</param>
    /// <param name="dtype">Type of the weights in the file.</param>
    /// <exception cref="WriteFailedException">The file cannot be written.</exception>
    public static void Write(string path, RandomWeights weights, SafetensorsDType dtype)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var parameters = weights.Parameters.ToDictionary(p => LdmKeys.For(p.Part, p.Name));
        SafetensorsWriter.Write(
            path,
            [.. parameters.Select(pair => new TensorSpec(pair.Key, dtype, FileShape(pair.Value)))],
            new Dictionary<string, string> { ["format"] = "pt" },
            key => weights.Make(parameters[key]).reshape([.. FileShape(parameters[key])]).to_type(dtype.ToScalarType()));
    }

    // The VAE's attention is made of 1x1 convolutions in single files.
    private static IReadOnlyList<long> FileShape(ModelParameter parameter) =>
        parameter.Part == ModelPart.Vae && parameter.Shape.Count == 2 ? [.. parameter.Shape, 1, 1] : parameter.Shape;
}
