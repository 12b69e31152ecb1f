using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Layers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Loading;

/// <summary>Fills the weights of networks from files, strictly: every tensor has its place, and every place its tensor.</summary>
/// <remarks>
/// Everything is compared before anything is read. Float32 weights of a float32 file on the CPU stay in the memory map
/// and cost nothing until they are used, except those a layer keeps in another memory order.
/// </remarks>
public static class StateDictLoader
{
    /// <summary>Fills a network from a file that uses the network's own names.</summary>
    /// <param name="module">The network, best made on the meta device.</param>
    /// <param name="file">The file; it may be closed afterwards.</param>
    /// <param name="options">Type and place of the weights.</param>
    /// <exception cref="StateDictException">Tensors are missing, unexpected or of another shape.</exception>
    public static void Load(nn.Module module, SafetensorsFile file, ModelLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(file);
        var tensors = file.Tensors.ToDictionary(info => info.Name, info => new StoredTensor(file, info), StringComparer.Ordinal);
        var part = new PartTensors(module.GetName(), tensors);
        var differences = new StateDictDifferences();
        Compare(module, part, differences);
        if (differences.Any)
            throw new StateDictException(file.Path, differences);
        Assign(module, part, options ?? new());
    }

    /// <summary>Adds what differs between a network and the tensors found for it.</summary>
    internal static void Compare(nn.Module module, PartTensors part, StateDictDifferences differences)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, parameter) in module.named_parameters())
        {
            expected.Add(name);
            if (!part.Tensors.TryGetValue(name, out var stored))
                differences.Missing.Add($"{part.Name}: {name}");
            else if (!stored.Fits(parameter.shape))
                differences.MisShaped.Add($"{stored.Info.Name} is [{string.Join(", ", stored.Info.Shape)}], expected [{string.Join(", ", parameter.shape)}]");
        }

        differences.Unexpected.AddRange(part.Tensors.Where(pair => !expected.Contains(pair.Key)).Select(pair => pair.Value.Info.Name));
    }

    /// <summary>Puts the tensors in their places; they have been compared before.</summary>
    internal static void Assign(nn.Module module, PartTensors part, ModelLoadOptions options)
    {
        foreach (var (path, submodule) in module.named_modules())
        {
            if (submodule is not WeightedLayer layer)
                continue;
            foreach (var (name, parameter) in layer.named_parameters(recurse: false).ToList())
                layer.Assign(name, part.Tensors[$"{path}.{name}"].Read(parameter.shape, options));
        }
    }
}
