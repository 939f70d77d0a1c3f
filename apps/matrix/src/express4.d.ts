// Express 4 under its own name, beside Express 5; what is used here of it has the types of 5.

declare module "express4" {
  import express from "express";
  export default express;
}
