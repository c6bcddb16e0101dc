using System.Diagnostics;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Native;
using TorchSharp;
unsafe {
  TorchLibrary.Load();
  int m=128,n=256,k=256;
  var a=GC.AllocateArray<float>(m*k,true); var b=GC.AllocateArray<float>(k*n,true); var c=GC.AllocateArray<float>(m*n,true);
  for(int i=0;i<a.Length;i++)a[i]=(i%17)*.1f; for(int i=0;i<b.Length;i++)b[i]=(i%13)*.1f;
  fixed(float* pa=a,pb=b,pc=c){
    foreach (var mode in new[]{0,1,2,3}) {
    double best=0; for(int r=0;r<6;r++){ var sw=Stopwatch.StartNew(); int it=300; for(int q=0;q<it;q++){
      if(mode==0) MatrixProduct.Accumulate<float>(m,n,k,pa,k,1,pb,n,1,pc,n);
      if(mode==1) MatrixProduct.Accumulate<float>(m,n,k,pa,k,1,pb,1,k,pc,n);
      if(mode==2) MatrixProduct.Accumulate<float>(k,n,m,pa,1,k,pb,n,1,pb,n,true);
      if(mode==3) MatrixProduct.Accumulate<float>(m,n,k,pa,k,1,pb,n,1,pc,n,false);
      }
      if(mode==2) for(int i=0;i<b.Length;i++)b[i]=(i%13)*.1f;
      best=Math.Max(best,2.0*m*n*k*it/sw.Elapsed.TotalSeconds/1e9);} Console.WriteLine($"mode {mode}: {best:f1} GFLOPS"); }
  }
  using var ta=torch.randn(m,k); using var tb=torch.randn(k,n); using var tc=torch.zeros(m,n);
  double bt=0; for(int r=0;r<6;r++){ var sw=Stopwatch.StartNew(); for(int q=0;q<300;q++) torch.mm(ta,tb).Dispose(); bt=Math.Max(bt,2.0*m*n*k*300/sw.Elapsed.TotalSeconds/1e9);} Console.WriteLine($"torch: {bt:f1}");
}
