using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Writes a converted LoRA: what the file said of itself stays, but for what only its old form says.</summary>
internal static class ConvertedFile
{
    private static readonly string[] OfTheOldForm = [PeftMetadata.Key, LoraMetadata.ModelHashKey, LoraMetadata.LegacyHashKey];

    public static void Write(
        string path, ILoraNaming naming, IReadOnlyDictionary<LoraTensorName, Tensor> named, IReadOnlyList<ConvertedModule> modules, IReadOnlyDictionary<string, string> before)
    {
        var metadata = new OrderedDictionary<string, string>(before.Where(entry => !OfTheOldForm.Contains(entry.Key) && !CloneofsimoLoraNaming.IsMetadata(entry.Key)));
        if (naming.Format == LoraFormat.PeftFolder)
        {
            metadata.TryAdd("format", "pt");
            PeftFolder.Write(path, named, modules, metadata);
            return;
        }

        var tensors = named.ToDictionary(tensor => naming.Write(tensor.Key)!, tensor => tensor.Value);
        if (naming.Format == LoraFormat.Kohya)
        {
            NetworkMetadata.Describe(metadata, [.. modules.Select(Report)]);
            LoraFileWriter.Write(path, tensors, metadata, spec: null);
            return;
        }

        if (naming.Format == LoraFormat.Peft)
            metadata[PeftMetadata.Key] = PeftMetadata.Of(modules);
        if (naming is CloneofsimoLoraNaming numbered)
        {
            var ranks = modules.ToDictionary(module => (module.Part, module.Path), module => module.Rank);
            foreach (var (key, value) in numbered.Metadata(module => ranks[module]))
                metadata[key] = value;
        }

        SafetensorsWriter.Write(path, tensors, metadata);
    }

    private static ModuleReport Report(ConvertedModule module) =>
        new(module.Path, module.Down.Shape is [_, _, > 1, _], (int)module.Rank, module.Alpha, Norm: 0, RelativeError: 0);
}
