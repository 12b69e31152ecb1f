using System.Globalization;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Inspection;

/// <summary>Holds what a file says of itself against what is in it.</summary>
internal static class MetadataCheck
{
    public static void Run(SafetensorsFile file, IReadOnlyList<LoraModuleInfo> modules, List<LoraProblem> problems)
    {
        if (file.Metadata.ContainsKey(LoraMetadata.ModelHashKey) || file.Metadata.ContainsKey(LoraMetadata.LegacyHashKey))
        {
            var hashes = ModelHashes.OfLora(file, file.Metadata);
            CheckHash(file, LoraMetadata.ModelHashKey, hashes.Model, "the tensors were changed after it was written", problems);
            CheckHash(file, LoraMetadata.LegacyHashKey, hashes.Legacy, "the tensors or the training metadata were changed after it was written", problems);
        }

        if (file.Metadata.TryGetValue(LoraMetadata.NetworkDimKey, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rank)
            && modules.Count > 0 && modules.All(module => module.Rank != rank))
        {
            problems.Add(new(
                LoraProblemKind.RankMetadata, IsError: false, null,
                $"{LoraMetadata.NetworkDimKey} says {rank}; the modules have rank {string.Join(", ", modules.Select(module => module.Rank).Distinct().Order().Take(5))}."));
        }
    }

    private static void CheckHash(SafetensorsFile file, string key, string actual, string meaning, List<LoraProblem> problems)
    {
        if (file.Metadata.TryGetValue(key, out var stored) && !string.Equals(stored, actual, StringComparison.OrdinalIgnoreCase))
            problems.Add(new(LoraProblemKind.Hash, IsError: key == LoraMetadata.ModelHashKey, key, $"The file says {stored}, its contents give {actual}: {meaning}."));
    }
}
