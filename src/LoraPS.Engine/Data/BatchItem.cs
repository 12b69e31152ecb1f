namespace LoraPS.Engine.Data;

/// <summary>One draw of a picture.</summary>
/// <param name="Entry">The picture.</param>
/// <param name="EntryIndex">Its place in <see cref="LoraDataset.Entries"/>.</param>
/// <param name="ItemIndex">This draw's place in the epoch, from 0: the item number for <see cref="Runtime.CounterRandom"/>.</param>
/// <param name="Flipped">Mirrored left to right.</param>
/// <param name="Crop">Where the crop begins, before mirroring.</param>
/// <param name="Caption">The caption of this draw; may be empty.</param>
public sealed record BatchItem(DatasetEntry Entry, int EntryIndex, int ItemIndex, bool Flipped, CropOffset Crop, string Caption);
